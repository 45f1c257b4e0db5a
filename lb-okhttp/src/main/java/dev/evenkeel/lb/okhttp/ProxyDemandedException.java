package dev.evenkeel.lb.okhttp;

import java.io.IOException;
import java.net.Proxy;
import org.jspecify.annotations.Nullable;

/** Thrown through OkHttp's connect to ourselves: the backend must be reached through a proxy. */
final class ProxyDemandedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Proxy proxy;

    ProxyDemandedException(Proxy proxy) {
        super("proxy demanded: " + proxy);
        this.proxy = proxy;
    }

    Proxy proxy() {
        return proxy;
    }

    /** Finds this exception in what OkHttp made of it, which adds those of several addresses to one another. */
    static @Nullable ProxyDemandedException in(IOException e) {
        if (e instanceof ProxyDemandedException demanded) {
            return demanded;
        }
        for (Throwable suppressed : e.getSuppressed()) {
            if (suppressed instanceof ProxyDemandedException demanded) {
                return demanded;
            }
        }
        return null;
    }
}
