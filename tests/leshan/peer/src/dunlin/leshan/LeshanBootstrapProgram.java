package dunlin.leshan;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.leshan.core.SecurityMode;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.core.util.Hex;
import org.eclipse.leshan.server.bootstrap.BootstrapConfig;
import org.eclipse.leshan.server.bootstrap.BootstrapConfig.ServerConfig;
import org.eclipse.leshan.server.bootstrap.BootstrapConfig.ServerSecurity;
import org.eclipse.leshan.server.bootstrap.BootstrapFailureCause;
import org.eclipse.leshan.server.bootstrap.BootstrapSession;
import org.eclipse.leshan.server.bootstrap.DefaultBootstrapSessionManager;
import org.eclipse.leshan.server.bootstrap.InMemoryBootstrapConfigStore;
import org.eclipse.leshan.server.californium.bootstrap.LeshanBootstrapServer;
import org.eclipse.leshan.server.californium.bootstrap.LeshanBootstrapServerBuilder;
import org.eclipse.leshan.server.security.BootstrapSecurityStore;
import org.eclipse.leshan.server.security.SecurityInfo;

/** A bootstrap server on Leshan, told by lines what its devices are given. */
public final class LeshanBootstrapProgram {
    private final InMemoryBootstrapConfigStore configurations = new InMemoryBootstrapConfigStore();
    private final Map<String, SecurityInfo> security = new ConcurrentHashMap<>();
    private final LeshanBootstrapServer server;

    private LeshanBootstrapProgram() {
        BootstrapSecurityStore store = new KnownDevices();
        LeshanBootstrapServerBuilder builder = new LeshanBootstrapServerBuilder();
        builder.setLocalAddress("127.0.0.1", 0);
        builder.setLocalSecureAddress("127.0.0.1", 0);
        builder.setConfigStore(configurations);
        builder.setSecurityStore(store);
        builder.setSessionManager(new ToldSessions(store));
        server = builder.build();
    }

    public static void main(String[] arguments) throws Exception {
        LeshanBootstrapProgram program = new LeshanBootstrapProgram();
        program.server.start();
        Lines.tell("listening " + program.server.getUnsecuredAddress().getPort() + " "
                + program.server.getSecuredAddress().getPort());
        Lines.answer(program::run);
        program.server.destroy();
        System.exit(0);
    }

    private String run(List<String> words) throws Exception {
        String endpoint = words.get(1);
        switch (words.get(0)) {
            case "psk":
                security.put(endpoint, SecurityInfo.newPreSharedKeyInfo(endpoint, words.get(2), bytes(words.get(3))));
                return "ok";
            case "configure":
                configurations.add(endpoint, configuration(Lines.settings(words.subList(2, words.size()))));
                return "ok";
            default:
                throw new IllegalArgumentException(words.get(0));
        }
    }

    /** One account: `uri`, with `identity` and `key` a secured one; `delete` is what goes before. */
    private static BootstrapConfig configuration(Map<String, String> settings) {
        ServerSecurity account = new ServerSecurity();
        account.uri = settings.get("uri");
        account.serverId = 123;
        account.securityMode = SecurityMode.NO_SEC;
        if (settings.containsKey("key")) {
            account.securityMode = SecurityMode.PSK;
            account.publicKeyOrId = settings.get("identity").getBytes();
            account.secretKey = bytes(settings.get("key"));
        }
        ServerConfig told = new ServerConfig();
        told.shortId = 123;
        told.lifetime = Integer.parseInt(settings.getOrDefault("lifetime", "300"));
        told.binding = BindingMode.valueOf(settings.getOrDefault("binding", "U"));
        BootstrapConfig configuration = new BootstrapConfig();
        configuration.toDelete = settings.containsKey("delete")
                ? Arrays.asList(settings.get("delete").split(","))
                : Collections.emptyList();
        configuration.security.put(1, account);
        configuration.servers.put(0, told);
        return configuration;
    }

    private static byte[] bytes(String digits) {
        return Hex.decodeHex(digits.toCharArray());
    }

    private final class KnownDevices implements BootstrapSecurityStore {
        @Override
        public List<SecurityInfo> getAllByEndpoint(String endpoint) {
            SecurityInfo known = security.get(endpoint);
            return known == null ? null : List.of(known);
        }

        @Override
        public SecurityInfo getByIdentity(String identity) {
            for (SecurityInfo known : security.values()) if (identity.equals(known.getIdentity())) return known;
            return null;
        }
    }

    private static final class ToldSessions extends DefaultBootstrapSessionManager {
        ToldSessions(BootstrapSecurityStore store) {
            super(store);
        }

        @Override
        public void end(BootstrapSession session) {
            super.end(session);
            Lines.tell("finished " + session.getEndpoint());
        }

        @Override
        public void failed(BootstrapSession session, BootstrapFailureCause cause) {
            super.failed(session, cause);
            Lines.tell("failed " + session.getEndpoint() + " " + cause);
        }
    }
}
