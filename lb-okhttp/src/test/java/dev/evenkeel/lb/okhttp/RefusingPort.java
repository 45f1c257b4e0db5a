package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.Backend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A port that is bound and not listened on: it refuses, and nobody else is given it as long as this is open. */
public final class RefusingPort implements AutoCloseable {
    private final Socket bound = new Socket();
    private final String id;

    private RefusingPort(String id) throws IOException {
        this.id = id;
        bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    public static RefusingPort open(String id) throws IOException {
        return new RefusingPort(id);
    }

    public String uri() {
        return "http://127.0.0.1:" + bound.getLocalPort();
    }

    public Backend backend() {
        return Backend.builder(uri()).id(id).build();
    }

    @Override
    public void close() throws IOException {
        bound.close();
    }
}
