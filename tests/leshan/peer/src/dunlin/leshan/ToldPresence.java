package dunlin.leshan;

import org.eclipse.leshan.server.queue.PresenceListener;
import org.eclipse.leshan.server.registration.Registration;

/** Tells which devices in queue mode are awake. */
final class ToldPresence implements PresenceListener {
    @Override
    public void onAwake(Registration registration) {
        Lines.tell("awake " + registration.getEndpoint());
    }

    @Override
    public void onSleeping(Registration registration) {
        Lines.tell("sleeping " + registration.getEndpoint());
    }
}
