package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** Calls as an application makes them. */
public final class Calls {
    private Calls() {}

    public static Request get(String url) {
        return new Request.Builder().url(url).build();
    }

    /** The body of a GET. */
    public static String body(OkHttpClient client, String url) throws IOException {
        return body(client, get(url));
    }

    /** The body of a GET. */
    public static String body(OkHttpClient client, HttpUrl url) throws IOException {
        return body(client, new Request.Builder().url(url).build());
    }

    public static String body(OkHttpClient client, Request request) throws IOException {
        try (Response response = client.newCall(request).execute()) {
            return response.body().string();
        }
    }

    /** Makes a call in one attempt, and sees to it that the backend that was leased is the one that answered. */
    public static void checkAnsweredByTheBackendLeased(OkHttpClient client, String url) throws IOException {
        try (Response response = client.newCall(get(url)).execute()) {
            CallTrace trace = LoadBalancing.trace(response).orElseThrow();
            assertThat(trace.attempts()).hasSize(1);
            assertThat(response.body().string())
                    .isEqualTo(trace.attempts().get(0).backend().id());
        }
    }

    /** The body of an asynchronous call. */
    public static CompletableFuture<String> enqueue(Call call) {
        CompletableFuture<String> body = new CompletableFuture<>();
        call.enqueue(new Callback() {
            @Override
            public void onFailure(Call failed, IOException e) {
                body.completeExceptionally(e);
            }

            @Override
            public void onResponse(Call answered, Response response) {
                try (response) {
                    body.complete(response.body().string());
                } catch (IOException e) {
                    body.completeExceptionally(e);
                }
            }
        });
        return body;
    }

    /** Runs an action on several threads, each so many times, and throws what one of them threw. */
    public static void inParallel(int threads, int timesEach, Action action)
            throws InterruptedException, ExecutionException {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(executor.submit(() -> {
                    for (int j = 0; j < timesEach; j++) {
                        action.run();
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /** What may throw anything. */
    public interface Action {
        void run() throws Exception;
    }
}
