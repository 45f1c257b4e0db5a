package dev.evenkeel.lb.okhttp.internal.steering;

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

    /** Finds this exception among the suppressed ones, where OkHttp puts it if there are several addresses. */
    public static @Nullable ProxyRequiredException in(IOException e) {
        if (e instanceof ProxyRequiredException demanded) {
            return demanded;
        }
        for (Throwable suppressed : e.getSuppressed()) {
            if (suppressed instanceof ProxyRequiredException demanded) {
                return demanded;
            }
        }
        return null;
    }
}
