package dunlin.leshan;

import org.eclipse.leshan.client.observer.LwM2mClientObserverAdapter;
import org.eclipse.leshan.client.servers.ServerIdentity;
import org.eclipse.leshan.core.ResponseCode;
import org.eclipse.leshan.core.request.BootstrapRequest;
import org.eclipse.leshan.core.request.DeregisterRequest;
import org.eclipse.leshan.core.request.RegisterRequest;
import org.eclipse.leshan.core.request.UpdateRequest;

/** Tells what becomes of the registration and the bootstrap of a device. */
final class ToldRegistrations extends LwM2mClientObserverAdapter {
    @Override
    public void onBootstrapSuccess(ServerIdentity server, BootstrapRequest request) {
        Lines.tell("bootstrapped");
    }

    @Override
    public void onBootstrapFailure(
            ServerIdentity server, BootstrapRequest request, ResponseCode code, String message, Exception cause) {
        Lines.tell("bootstrap refused " + code + " " + Lines.oneLine(message));
    }

    @Override
    public void onBootstrapTimeout(ServerIdentity server, BootstrapRequest request) {
        Lines.tell("bootstrap timed out");
    }

    @Override
    public void onRegistrationSuccess(ServerIdentity server, RegisterRequest request, String id) {
        Lines.tell("registered " + id);
    }

    @Override
    public void onRegistrationFailure(
            ServerIdentity server, RegisterRequest request, ResponseCode code, String message, Exception cause) {
        Lines.tell("registration refused " + code + " " + Lines.oneLine(message));
    }

    @Override
    public void onRegistrationTimeout(ServerIdentity server, RegisterRequest request) {
        Lines.tell("registration timed out");
    }

    @Override
    public void onUpdateSuccess(ServerIdentity server, UpdateRequest request) {
        Lines.tell("registration updated");
    }

    @Override
    public void onUpdateFailure(
            ServerIdentity server, UpdateRequest request, ResponseCode code, String message, Exception cause) {
        Lines.tell("update refused " + code + " " + Lines.oneLine(message));
    }

    @Override
    public void onDeregistrationSuccess(ServerIdentity server, DeregisterRequest request) {
        Lines.tell("deregistered");
    }
}
