package dunlin.leshan;

import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.response.ObserveResponse;
import org.eclipse.leshan.server.observation.ObservationListener;
import org.eclipse.leshan.server.registration.Registration;

/** Tells what is notified. */
final class ToldObservations implements ObservationListener {
    @Override
    public void newObservation(Observation observation, Registration registration) {
        Lines.tell("observing " + registration.getEndpoint() + " " + observation.getPath());
    }

    @Override
    public void cancelled(Observation observation) {
        Lines.tell("cancelled " + observation.getPath());
    }

    @Override
    public void onResponse(Observation observation, Registration registration, ObserveResponse response) {
        Lines.tell("notified " + registration.getEndpoint() + " " + observation.getPath() + " "
                + (response.isSuccess() ? Nodes.json(response.getContent()) : LeshanServerProgram.coap(response.getCode())));
    }

    @Override
    public void onError(Observation observation, Registration registration, Exception error) {
        Lines.tell("undecodable " + observation.getPath() + " " + Lines.oneLine(error.getMessage()));
    }
}
