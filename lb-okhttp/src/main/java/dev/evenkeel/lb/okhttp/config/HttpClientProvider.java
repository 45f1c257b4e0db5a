package dev.evenkeel.lb.okhttp.config;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
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
            ExecutorService threads = new ThreadPoolExecutor(
                    0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                        Thread thread = new Thread(task, "evenkeel-check");
                        thread.setDaemon(true);
                        return thread;
                    });
            made = new OkHttpClient.Builder()
                    .dispatcher(new Dispatcher(threads))
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
