package dunlin.leshan;

import java.util.Collection;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationListener;
import org.eclipse.leshan.server.registration.RegistrationUpdate;

/** Tells which devices come and go. */
final class ToldDevices implements RegistrationListener {
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
        String end = next != null ? "superseded " : expired ? "expired " : "deregistered ";
        Lines.tell(end + registration.getEndpoint());
    }
}
