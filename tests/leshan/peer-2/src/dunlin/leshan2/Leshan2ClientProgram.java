package dunlin.leshan2;

import dunlin.leshan.Lines;
import java.util.Arrays;
import java.util.Map;
import org.eclipse.leshan.client.LeshanClient;
import org.eclipse.leshan.client.LeshanClientBuilder;
import org.eclipse.leshan.client.object.Device;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.client.object.Server;
import org.eclipse.leshan.client.observer.LwM2mClientObserverAdapter;
import org.eclipse.leshan.client.resource.ObjectsInitializer;
import org.eclipse.leshan.client.servers.LwM2mServer;
import org.eclipse.leshan.core.LwM2mId;
import org.eclipse.leshan.core.ResponseCode;
import org.eclipse.leshan.core.request.RegisterRequest;
import org.eclipse.leshan.transport.californium.client.endpoint.CaliforniumClientEndpointsProvider;
import org.eclipse.leshan.transport.californium.client.endpoint.coap.CoapClientProtocolProvider;

/** A device on Leshan 2, which registers as one of LwM2M 1.1. Settings: `endpoint`, `server` (a URI). */
public final class Leshan2ClientProgram {
    private Leshan2ClientProgram() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> settings = Lines.settings(Arrays.asList(arguments));
        ObjectsInitializer objects = new ObjectsInitializer();
        objects.setInstancesForObject(LwM2mId.SECURITY, Security.noSec(settings.get("server"), 123));
        objects.setInstancesForObject(LwM2mId.SERVER, new Server(123, 300));
        objects.setInstancesForObject(LwM2mId.DEVICE, new Device("Eclipse Leshan", "2", "1"));
        LeshanClientBuilder builder = new LeshanClientBuilder(settings.get("endpoint"));
        builder.setObjects(objects.createAll());
        builder.setEndpointsProviders(
                new CaliforniumClientEndpointsProvider.Builder(new CoapClientProtocolProvider()).build());
        LeshanClient client = builder.build();
        client.addObserver(new ToldRegistration());
        client.start();
        Lines.answer(words -> "ok");
        client.destroy(true);
        System.exit(0);
    }

    private static final class ToldRegistration extends LwM2mClientObserverAdapter {
        @Override
        public void onRegistrationSuccess(LwM2mServer server, RegisterRequest request, String id) {
            Lines.tell("registered " + id);
        }

        @Override
        public void onRegistrationFailure(
                LwM2mServer server, RegisterRequest request, ResponseCode code, String message, Exception cause) {
            Lines.tell("registration refused " + code + " " + Lines.oneLine(message));
        }
    }
}
