package dev.evenkeel.lb.spring;

import dev.evenkeel.lb.okhttp.HedgingCallFactory;
import java.io.IOException;
import okhttp3.Cache;
import okhttp3.OkHttpClient;

/** The client that the starter has made, until the context is closed. */
final class BalancedClient implements AutoCloseable {
    private final HedgingCallFactory calls;

    BalancedClient(HedgingCallFactory calls) {
        this.calls = calls;
    }

    HedgingCallFactory calls() {
        return calls;
    }

    /** Cancels the calls under way, and ends the client's threads and idle connections. */
    @Override
    public void close() throws IOException {
        OkHttpClient client = calls.client();
        client.dispatcher().cancelAll();
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
        Cache cache = client.cache();
        if (cache != null) {
            cache.close();
        }
    }
}
