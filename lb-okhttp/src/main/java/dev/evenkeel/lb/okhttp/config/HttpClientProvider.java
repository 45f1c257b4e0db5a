package dev.evenkeel.lb.okhttp.config;

import dev.evenkeel.lb.core.internal.concurrent.DaemonThreads;
import java.time.Duration;
import java.util.function.Supplier;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Provides the OkHttpClient for checks and discovery: the application's, or one that is made on first use. Thread-safe.
 */
final class HttpClientProvider implements Supplier<OkHttpClient>, AutoCloseable {
    private final @Nullable OkHttpClient given;
    private @Nullable OkHttpClient own;

    HttpClientProvider(@Nullable OkHttpClient given) {
        this.given = given;
    }

    @Override
    public synchronized OkHttpClient get() {
        if (given != null) {
            return given;
        }
        OkHttpClient made = own;
        if (made == null) {
            made = new OkHttpClient.Builder()
                    .dispatcher(new Dispatcher(
                            DaemonThreads.onDemand(DaemonThreads.named("evenkeel-check"), Duration.ofSeconds(10))))
                    .build();
            own = made;
        }
        return made;
    }

    @Override
    public synchronized void close() {
        if (own != null) {
            own.dispatcher().executorService().shutdown();
        }
    }
}
