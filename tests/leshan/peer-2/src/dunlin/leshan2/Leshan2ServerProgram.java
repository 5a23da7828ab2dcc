package dunlin.leshan2;

import dunlin.leshan.Lines;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.eclipse.leshan.core.observation.CompositeObservation;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.observation.SingleObservation;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.core.request.DiscoverRequest;
import org.eclipse.leshan.core.request.DownlinkDeviceManagementRequest;
import org.eclipse.leshan.core.request.ExecuteRequest;
import org.eclipse.leshan.core.request.ObserveRequest;
import org.eclipse.leshan.core.request.ReadCompositeRequest;
import org.eclipse.leshan.core.request.ReadRequest;
import org.eclipse.leshan.core.request.WriteRequest;
import org.eclipse.leshan.core.response.DiscoverResponse;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.core.response.ObserveCompositeResponse;
import org.eclipse.leshan.core.response.ObserveResponse;
import org.eclipse.leshan.core.response.ReadResponse;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.LeshanServerBuilder;
import org.eclipse.leshan.server.observation.ObservationListener;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationListener;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.eclipse.leshan.transport.californium.server.endpoint.CaliforniumServerEndpointsProvider;
import org.eclipse.leshan.transport.californium.server.endpoint.coap.CoapServerProtocolProvider;

/** A server on Leshan 2 without security, asked by lines to ask its devices. */
public final class Leshan2ServerProgram {
    private final LeshanServer server;

    private Leshan2ServerProgram() {
        LeshanServerBuilder builder = new LeshanServerBuilder();
        builder.setEndpointsProviders(new CaliforniumServerEndpointsProvider.Builder(new CoapServerProtocolProvider())
                .addEndpoint("coap://127.0.0.1:0")
                .build());
        server = builder.build();
        server.getRegistrationService().addListener(new ToldDevices());
        server.getObservationService().addListener(new ToldObservations());
    }

    public static void main(String[] arguments) throws Exception {
        Leshan2ServerProgram program = new Leshan2ServerProgram();
        program.server.start();
        Lines.tell("listening " + program.server.getEndpoints().get(0).getURI().getPort() + " 0");
        Lines.answer(program::run);
        program.server.destroy();
        System.exit(0);
    }

    private String run(List<String> words) throws Exception {
        Registration registration = server.getRegistrationService().getByEndpoint(words.get(1));
        if (registration == null) throw new IllegalStateException(words.get(1) + " is not registered");
        if (words.get(0).equals("version")) return registration.getLwM2mVersion().toString();
        LwM2mResponse response = server.send(registration, request(words), 60_000);
        return response == null ? "none" : text(response);
    }

    private static DownlinkDeviceManagementRequest<?> request(List<String> words) {
        String path = words.get(2);
        switch (words.get(0)) {
            case "read":
                return new ReadRequest(words.size() > 3 ? ContentFormat.fromName(words.get(3)) : null, path);
            case "read-composite":
                return new ReadCompositeRequest(
                        ContentFormat.SENML_JSON, ContentFormat.SENML_JSON, path, words.get(3));
            case "discover":
                return new DiscoverRequest(path);
            case "observe":
                return new ObserveRequest(path);
            case "execute":
                return new ExecuteRequest(path);
            case "replace": {
                LwM2mPath at = new LwM2mPath(path);
                return new WriteRequest(at.getObjectId(), at.getObjectInstanceId(), at.getResourceId(),
                        Lines.text(words.get(3)));
            }
            default:
                throw new IllegalArgumentException(words.get(0));
        }
    }

    private static String text(LwM2mResponse response) {
        int code = response.getCode().getCode();
        String answer = code / 100 + "." + String.format("%02d", code % 100) + " ";
        if (response.isFailure()) return answer + Lines.oneLine(response.getErrorMessage());
        if (response instanceof ReadResponse) return answer + text(((ReadResponse) response).getContent());
        if (response instanceof DiscoverResponse) {
            return answer + Arrays.toString(((DiscoverResponse) response).getObjectLinks());
        }
        return answer.trim();
    }

    private static String text(LwM2mNode node) {
        return node instanceof LwM2mSingleResource
                ? ((LwM2mSingleResource) node).getValue().toString()
                : Lines.oneLine(node.toString());
    }

    private static final class ToldDevices implements RegistrationListener {
        @Override
        public void registered(Registration registration, Registration before, Collection<Observation> lost) {
            Lines.tell("registered " + registration.getEndpoint());
        }

        @Override
        public void updated(RegistrationUpdate update, Registration registration, Registration before) {
            Lines.tell("updated " + registration.getEndpoint());
        }

        @Override
        public void unregistered(
                Registration registration, Collection<Observation> lost, boolean expired, Registration next) {
            Lines.tell("deregistered " + registration.getEndpoint());
        }
    }

    private static final class ToldObservations implements ObservationListener {
        @Override
        public void newObservation(Observation observation, Registration registration) {
            Lines.tell("observing " + registration.getEndpoint());
        }

        @Override
        public void cancelled(Observation observation) {
            Lines.tell("cancelled");
        }

        @Override
        public void onResponse(SingleObservation observation, Registration registration, ObserveResponse response) {
            Lines.tell("notified " + registration.getEndpoint() + " " + observation.getPath() + " "
                    + text(response.getContent()));
        }

        @Override
        public void onResponse(
                CompositeObservation observation, Registration registration, ObserveCompositeResponse response) {
            Lines.tell("notified of several");
        }

        @Override
        public void onError(Observation observation, Registration registration, Exception error) {
            Lines.tell("undecodable " + Lines.oneLine(error.getMessage()));
        }
    }
}
