package dunlin.leshan;

import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.californium.core.network.config.NetworkConfig;
import org.eclipse.leshan.client.californium.LeshanClient;
import org.eclipse.leshan.client.californium.LeshanClientBuilder;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.client.object.Server;
import org.eclipse.leshan.client.resource.ObjectEnabler;
import org.eclipse.leshan.client.resource.ObjectsInitializer;
import org.eclipse.leshan.core.LwM2mId;
import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.core.request.ReadRequest;
import org.eclipse.leshan.core.util.Hex;
import org.eclipse.leshan.client.servers.ServerIdentity;

/**
 * A device on Leshan's client. Settings: `ddf`, `endpoint`, `server` or `bootstrap` (a URI), `lifetime`, `binding`,
 * `mode` (`psk`, `rpk`, `x509`) with `public`, `secret` and `peer` in hexadecimal digits; `longest`, the size of the longest
 * value that it takes in blocks (8192 in Californium); `additional`, a parameter of its registrations.
 */
public final class LeshanClientProgram {
    private static final int EVERY_TYPE = 32800;

    private final LwM2mModel model;
    private final LeshanClient client;

    private LeshanClientProgram(Map<String, String> settings) throws Exception {
        model = Nodes.model(settings.get("ddf"));
        BindingMode binding = BindingMode.valueOf(settings.getOrDefault("binding", "U"));
        ObjectsInitializer objects = new ObjectsInitializer(model);
        objects.setInstancesForObject(LwM2mId.SECURITY, security(settings));
        if (settings.containsKey("bootstrap")) {
            objects.setClassForObject(LwM2mId.SERVER, Server.class);
        } else {
            long lifetime = Long.parseLong(settings.getOrDefault("lifetime", "300"));
            objects.setInstancesForObject(LwM2mId.SERVER, new Server(123, lifetime, binding, false));
        }
        ToldInstance device = new ToldInstance(0, deviceValues(binding));
        objects.setInstancesForObject(LwM2mId.DEVICE, device);
        Runnable installed = () -> device.set(List.of(LwM2mSingleResource.newStringResource(3, "2.0")));
        objects.setInstancesForObject(LwM2mId.FIRMWARE, new FirmwareInstance(installed));
        objects.setFactoryForObject(LwM2mId.FIRMWARE, (object, id, used) -> new FirmwareInstance(installed));
        objects.setInstancesForObject(EVERY_TYPE, new ToldInstance(0, everyTypeValues()));
        objects.setClassForObject(EVERY_TYPE, ToldInstance.class);
        LeshanClientBuilder builder = new LeshanClientBuilder(settings.get("endpoint"));
        builder.setLocalAddress("127.0.0.1", 0);
        builder.setObjects(objects.createAll());
        if (settings.containsKey("additional")) {
            builder.setAdditionalAttributes(Map.of("additional", settings.get("additional")));
        }
        if (settings.containsKey("longest")) {
            NetworkConfig coap = LeshanClientBuilder.createDefaultNetworkConfig();
            coap.setInt(NetworkConfig.Keys.MAX_RESOURCE_BODY_SIZE, Integer.parseInt(settings.get("longest")));
            builder.setCoapConfig(coap);
        }
        client = builder.build();
        client.addObserver(new ToldRegistrations());
    }

    public static void main(String[] arguments) throws Exception {
        LeshanClientProgram device = new LeshanClientProgram(Lines.settings(Arrays.asList(arguments)));
        device.client.start();
        Lines.answer(device::run);
        device.client.destroy(true);
        System.exit(0);
    }

    private static Security security(Map<String, String> settings) {
        boolean isBootstrap = settings.containsKey("bootstrap");
        String uri = settings.get(isBootstrap ? "bootstrap" : "server");
        byte[] own = bytes(settings, "public");
        byte[] secret = bytes(settings, "secret");
        byte[] peer = bytes(settings, "peer");
        switch (settings.getOrDefault("mode", "none")) {
            case "psk":
                return isBootstrap ? Security.pskBootstrap(uri, own, secret) : Security.psk(uri, 123, own, secret);
            case "rpk":
                return isBootstrap
                        ? Security.rpkBootstrap(uri, own, secret, peer)
                        : Security.rpk(uri, 123, own, secret, peer);
            case "x509":
                return isBootstrap
                        ? Security.x509Bootstrap(uri, own, secret, peer)
                        : Security.x509(uri, 123, own, secret, peer);
            default:
                return isBootstrap ? Security.noSecBootstap(uri) : Security.noSec(uri, 123);
        }
    }

    private static byte[] bytes(Map<String, String> settings, String name) {
        return Hex.decodeHex(settings.getOrDefault(name, "").toCharArray());
    }

    private static Map<Integer, Object> deviceValues(BindingMode binding) {
        Map<Integer, Object> values = new HashMap<>();
        values.put(0, "Eclipse Leshan");
        values.put(1, "peer");
        values.put(3, "1.0");
        values.put(6, Map.of(0, 1L, 1, 5L));
        values.put(7, Map.of(0, 3800L, 1, 5000L));
        values.put(9, 80L);
        values.put(11, Map.of(0, 0L));
        values.put(13, new Date(1_500_000_000_000L));
        values.put(14, "+01:00");
        values.put(16, binding.toString());
        return values;
    }

    private static Map<Integer, Object> everyTypeValues() {
        Map<Integer, Object> values = new HashMap<>();
        values.put(0, "Grüße, 鳥");
        values.put(1, -9_007_199_254_740_993L);
        values.put(2, -0.1);
        values.put(3, true);
        values.put(4, new byte[] {0, 1, (byte) 0xff});
        values.put(5, new Date(1_700_000_000_000L));
        values.put(10, Map.of(0, "a", 300, "b"));
        values.put(11, Map.of(1, Long.MIN_VALUE, 2, Long.MAX_VALUE));
        values.put(12, Map.of(0, 1.5, 1, 1e300));
        values.put(13, Map.of(0, false, 7, true));
        values.put(14, Map.of(0, new byte[0], 1, new byte[] {127}));
        values.put(15, Map.of(0, new Date(0), 1, new Date(5_000_000_000_000L)));
        values.put(20, 20.5);
        return values;
    }

    private String run(List<String> words) throws Exception {
        switch (words.get(0)) {
            case "update":
                client.triggerRegistrationUpdate();
                return "ok";
            case "set": {
                LwM2mPath path = new LwM2mPath(words.get(1));
                ToldInstance instance =
                        (ToldInstance) object(path.getObjectId()).getInstance(path.getObjectInstanceId());
                instance.set(Nodes.resources(instance.getModel(), words.subList(2, words.size())));
                return "ok";
            }
            case "get": {
                LwM2mPath path = new LwM2mPath(words.get(1));
                return Nodes.json(object(path.getObjectId())
                        .read(ServerIdentity.SYSTEM, new ReadRequest(words.get(1))).getContent()).toString();
            }
            case "stop":
                client.stop(false);
                return "ok";
            case "start":
                client.start();
                return "ok";
            default:
                throw new IllegalArgumentException(words.get(0));
        }
    }

    private ObjectEnabler object(int id) {
        return (ObjectEnabler) client.getObjectTree().getObjectEnabler(id);
    }
}
