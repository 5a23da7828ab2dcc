package dunlin.leshan;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.leshan.client.servers.ServerIdentity;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.eclipse.leshan.core.response.ExecuteResponse;
import org.eclipse.leshan.core.response.WriteResponse;

/** Firmware Update by push: takes any package and installs it at once. */
public class FirmwareInstance extends ToldInstance {
    private static final int PACKAGE = 0;
    private static final int UPDATE = 2;
    private static final int STATE = 3;
    private static final int RESULT = 5;
    private static final long IDLE = 0;
    private static final long DOWNLOADED = 2;
    private static final long SUCCESS = 1;

    private final Runnable installed;

    FirmwareInstance(Runnable installed) {
        super(0, new HashMap<>(Map.of(STATE, IDLE, RESULT, 0L, 9, 1L)));
        this.installed = installed;
    }

    @Override
    public WriteResponse write(ServerIdentity server, int resource, LwM2mResource value) {
        if (resource != PACKAGE) return super.write(server, resource, value);
        int length = ((byte[]) value.getValue()).length;
        Lines.tell("package of " + length);
        become(length == 0 ? IDLE : DOWNLOADED, 0);
        return WriteResponse.success();
    }

    @Override
    public ExecuteResponse execute(ServerIdentity server, int resource, String arguments) {
        if (resource != UPDATE) return ExecuteResponse.notFound();
        become(IDLE, SUCCESS);
        installed.run();
        return ExecuteResponse.success();
    }

    @Override
    public List<Integer> getAvailableResourceIds(ObjectModel model) {
        return Arrays.asList(PACKAGE, 1, UPDATE, STATE, RESULT, 9);
    }

    private void become(long state, long result) {
        set(Arrays.asList(LwM2mSingleResource.newIntegerResource(STATE, state),
                LwM2mSingleResource.newIntegerResource(RESULT, result)));
    }
}
