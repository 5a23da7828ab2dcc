package dunlin.leshan;

import com.eclipsesource.json.Json;
import com.eclipsesource.json.JsonObject;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.leshan.core.Link;
import org.eclipse.leshan.core.ResponseCode;
import org.eclipse.leshan.core.attributes.AttributeSet;
import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.request.CancelObservationRequest;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.core.request.CreateRequest;
import org.eclipse.leshan.core.request.DeleteRequest;
import org.eclipse.leshan.core.request.DiscoverRequest;
import org.eclipse.leshan.core.request.DownlinkRequest;
import org.eclipse.leshan.core.request.ExecuteRequest;
import org.eclipse.leshan.core.request.ObserveRequest;
import org.eclipse.leshan.core.request.ReadRequest;
import org.eclipse.leshan.core.request.WriteAttributesRequest;
import org.eclipse.leshan.core.request.WriteRequest;
import org.eclipse.leshan.core.request.WriteRequest.Mode;
import org.eclipse.leshan.core.response.CreateResponse;
import org.eclipse.leshan.core.response.DiscoverResponse;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.core.response.ReadResponse;
import org.eclipse.leshan.core.util.Hex;
import org.eclipse.leshan.core.util.SecurityUtil;
import org.eclipse.leshan.server.californium.LeshanServer;
import org.eclipse.leshan.server.californium.LeshanServerBuilder;
import org.eclipse.leshan.server.model.StaticModelProvider;
import org.eclipse.leshan.server.queue.StaticClientAwakeTimeProvider;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.security.InMemorySecurityStore;
import org.eclipse.leshan.server.security.SecurityInfo;

/**
 * A server on Leshan, asked by lines to ask its devices. Settings: `ddf`, `public` and `secret` (its raw public key) or
 * `certificate` and `secret` with `trust`, in hexadecimal digits; `awake`, how many milliseconds devices in queue mode are.
 */
public final class LeshanServerProgram {
    private final LwM2mModel model;
    private final InMemorySecurityStore security = new InMemorySecurityStore();
    private final LeshanServer server;

    private LeshanServerProgram(Map<String, String> settings) throws Exception {
        model = Nodes.model(settings.get("ddf"));
        LeshanServerBuilder builder = new LeshanServerBuilder();
        builder.setLocalAddress("127.0.0.1", 0);
        builder.setLocalSecureAddress("127.0.0.1", 0);
        builder.setObjectModelProvider(new StaticModelProvider(model));
        builder.setSecurityStore(security);
        if (settings.containsKey("awake")) {
            builder.setClientAwakeTimeProvider(
                    new StaticClientAwakeTimeProvider(Integer.parseInt(settings.get("awake"))));
        }
        if (settings.containsKey("secret")) {
            builder.setPrivateKey(SecurityUtil.privateKey.decode(bytes(settings.get("secret"))));
        }
        if (settings.containsKey("public")) {
            builder.setPublicKey(SecurityUtil.publicKey.decode(bytes(settings.get("public"))));
        }
        if (settings.containsKey("certificate")) {
            builder.setCertificateChain(new X509Certificate[] {certificate(settings.get("certificate"))});
            builder.setTrustedCertificates(new X509Certificate[] {certificate(settings.get("trust"))});
        }
        server = builder.build();
        server.getRegistrationService().addListener(new ToldDevices());
        server.getObservationService().addListener(new ToldObservations());
        server.getPresenceService().addListener(new ToldPresence());
    }

    public static void main(String[] arguments) throws Exception {
        LeshanServerProgram peer = new LeshanServerProgram(Lines.settings(Arrays.asList(arguments)));
        peer.server.start();
        Lines.tell("listening " + peer.server.getUnsecuredAddress().getPort() + " "
                + peer.server.getSecuredAddress().getPort());
        Lines.answer(peer::run);
        peer.server.destroy();
        System.exit(0);
    }

    private static byte[] bytes(String digits) {
        return Hex.decodeHex(digits.toCharArray());
    }

    private static X509Certificate certificate(String digits) throws Exception {
        return SecurityUtil.certificate.decode(bytes(digits));
    }

    private String run(List<String> words) throws Exception {
        String endpoint = words.get(1);
        switch (words.get(0)) {
            case "psk":
                security.add(SecurityInfo.newPreSharedKeyInfo(endpoint, words.get(2), bytes(words.get(3))));
                return "ok";
            case "rpk":
                security.add(SecurityInfo.newRawPublicKeyInfo(
                        endpoint, SecurityUtil.publicKey.decode(bytes(words.get(2)))));
                return "ok";
            case "x509":
                security.add(SecurityInfo.newX509CertInfo(endpoint));
                return "ok";
            case "registration":
                return json(registration(endpoint)).toString();
            case "cancel":
                return cancel(registration(endpoint), words.get(2), words.get(3).equals("active"));
            default:
                LwM2mResponse response = server.send(registration(endpoint), request(words), 60_000);
                return response == null ? "none" : text(response);
        }
    }

    private Registration registration(String endpoint) {
        Registration registration = server.getRegistrationService().getByEndpoint(endpoint);
        if (registration == null) throw new IllegalStateException(endpoint + " is not registered");
        return registration;
    }

    private DownlinkRequest<?> request(List<String> words) {
        String path = words.get(2);
        switch (words.get(0)) {
            case "read":
                return new ReadRequest(format(words, 3), path);
            case "observe":
                return new ObserveRequest(format(words, 3), path);
            case "discover":
                return new DiscoverRequest(path);
            case "execute":
                return new ExecuteRequest(path, words.size() > 3 ? Lines.text(words.get(3)) : null);
            case "delete":
                return new DeleteRequest(path);
            case "attributes":
                return new WriteAttributesRequest(path, AttributeSet.parse(words.get(3)));
            case "create":
                return creation(new LwM2mPath(path), words);
            case "replace":
                return writing(Mode.REPLACE, new LwM2mPath(path), words);
            case "update":
                return writing(Mode.UPDATE, new LwM2mPath(path), words);
            default:
                throw new IllegalArgumentException(words.get(0));
        }
    }

    private DownlinkRequest<?> creation(LwM2mPath path, List<String> words) {
        List<LwM2mResource> resources = resources(path, words);
        return path.isObjectInstance()
                ? new CreateRequest(format(words, 3), path.getObjectId(),
                        new LwM2mObjectInstance(path.getObjectInstanceId(), resources))
                : new CreateRequest(format(words, 3), path.getObjectId(), resources);
    }

    private DownlinkRequest<?> writing(Mode mode, LwM2mPath path, List<String> words) {
        List<LwM2mResource> resources = resources(path, words);
        return path.isResource()
                ? new WriteRequest(mode, format(words, 3), path.toString(), resources.get(0))
                : new WriteRequest(mode, format(words, 3), path.getObjectId(), path.getObjectInstanceId(), resources);
    }

    private List<LwM2mResource> resources(LwM2mPath path, List<String> words) {
        ObjectModel object = model.getObjectModel(path.getObjectId());
        return Nodes.resources(object, words.subList(4, words.size()));
    }

    /** The Content-Format that a command names, if it does: a request without one leaves it to who answers. */
    private static ContentFormat format(List<String> words, int index) {
        return words.size() > index && !words.get(index).equals("-")
                ? ContentFormat.fromName(words.get(index))
                : null;
    }

    private String cancel(Registration registration, String path, boolean isActive) throws InterruptedException {
        for (Observation observation : server.getObservationService().getObservations(registration)) {
            if (!observation.getPath().toString().equals(path)) continue;
            if (isActive) {
                LwM2mResponse response = server.send(registration, new CancelObservationRequest(observation), 60_000);
                server.getObservationService().cancelObservation(observation);
                return response == null ? "none" : text(response);
            }
            server.getObservationService().cancelObservation(observation);
            return "ok";
        }
        throw new IllegalStateException(path + " is not observed");
    }

    private static String text(LwM2mResponse response) {
        String code = coap(response.getCode());
        if (response.isFailure()) return code + " " + Lines.oneLine(response.getErrorMessage());
        if (response instanceof ReadResponse) return code + " " + Nodes.json(((ReadResponse) response).getContent());
        if (response instanceof DiscoverResponse) {
            return code + " " + Link.serialize(((DiscoverResponse) response).getObjectLinks());
        }
        if (response instanceof CreateResponse) return code + " " + ((CreateResponse) response).getLocation();
        return code;
    }

    /** Such as 2.05. */
    static String coap(ResponseCode code) {
        return code.getCode() / 100 + "." + String.format("%02d", code.getCode() % 100);
    }

    private static JsonObject json(Registration registration) {
        JsonObject additional = Json.object();
        new TreeMap<>(registration.getAdditionalRegistrationAttributes()).forEach(additional::add);
        JsonObject objects = Json.object();
        new TreeMap<>(registration.getSupportedObject()).forEach((id, version) -> objects.add(id + "", version));
        return Json.object()
                .add("id", registration.getId())
                .add("lifetime", registration.getLifeTimeInSec())
                .add("version", registration.getLwM2mVersion())
                .add("binding", registration.getBindingMode().toString())
                .add("rootPath", registration.getRootPath())
                .add("objects", objects)
                .add("additional", additional)
                .add("identity", registration.getIdentity().toString());
    }
}
