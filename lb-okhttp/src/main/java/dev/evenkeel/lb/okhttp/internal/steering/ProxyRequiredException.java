package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import java.io.IOException;
import java.net.Proxy;
import org.jspecify.annotations.Nullable;

/** Thrown by our sockets and caught by our interceptor: the backend must be reached through a proxy. */
public final class ProxyRequiredException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Proxy proxy;

    ProxyRequiredException(Proxy proxy) {
        super("proxy demanded: " + proxy);
        this.proxy = proxy;
    }

    public Proxy proxy() {
        return proxy;
    }

    /** Finds this exception in what OkHttp throws. */
    public static @Nullable ProxyRequiredException in(IOException e) {
        return OkHttpQuirks.find(ProxyRequiredException.class, e);
    }
}
