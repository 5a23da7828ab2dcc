package dunlin.leshan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.leshan.client.resource.SimpleInstanceEnabler;
import org.eclipse.leshan.client.servers.ServerIdentity;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.response.ExecuteResponse;
import org.eclipse.leshan.core.response.WriteResponse;

/** An Object Instance of a device that has only what it was given, and tells what servers do with it. */
public class ToldInstance extends SimpleInstanceEnabler {
    /** Leshan makes one so when a server creates it. */
    public ToldInstance() {
        initialValues = new HashMap<>();
    }

    ToldInstance(int id, Map<Integer, Object> values) {
        super(id, values);
    }

    /** Gives Resources other values, of which observers are told. */
    void set(List<LwM2mResource> changed) {
        for (LwM2mResource resource : changed) resources.put(resource.getId(), resource);
        fireResourcesChange(changed.stream().mapToInt(LwM2mResource::getId).toArray());
    }

    @Override
    public WriteResponse write(ServerIdentity server, boolean replace, LwM2mObjectInstance instance) {
        Lines.tell((replace ? "replaced " : "updated ") + path());
        return super.write(server, replace, instance);
    }

    @Override
    public WriteResponse write(ServerIdentity server, int resource, LwM2mResource value) {
        Lines.tell("wrote " + path() + "/" + resource + " " + Nodes.json(value));
        return super.write(server, resource, value);
    }

    @Override
    public ExecuteResponse execute(ServerIdentity server, int resource, String arguments) {
        Lines.tell("executed " + path() + "/" + resource + (arguments == null ? "" : " " + arguments));
        return ExecuteResponse.success();
    }

    @Override
    public void onDelete(ServerIdentity server) {
        Lines.tell("deleted " + path());
    }

    private String path() {
        return "/" + getModel().id + "/" + getId();
    }
}
