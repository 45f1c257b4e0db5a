package dev.evenkeel.lb.okhttp.internal.steering;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * Makes sockets that go to one backend when they are told to connect to the logical host. The sockets themselves are
 * made by the user's factory.
 */
final class SteeredSocketFactory extends SocketFactory {
    private final SteeredRoute route;

    SteeredSocketFactory(SteeredRoute route) {
        this.route = route;
    }

    /** Makes the socket of a new connection; OkHttp calls no other method. */
    @Override
    public Socket createSocket() throws IOException {
        route.checkProxy();
        return new SteeredSocket(route);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return route.userSockets().createSocket(host, port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return route.userSockets().createSocket(host, port, localHost, localPort);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return route.userSockets().createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) throws IOException {
        return route.userSockets().createSocket(host, port, localHost, localPort);
    }
}
