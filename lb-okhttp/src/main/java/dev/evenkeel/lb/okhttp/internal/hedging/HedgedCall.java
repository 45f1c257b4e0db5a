package dev.evenkeel.lb.okhttp.internal.hedging;

import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import kotlin.jvm.functions.Function0;
import kotlin.reflect.KClass;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A call that may become two requests: the second one is sent if the first takes long. Everything but its answer is the
 * first request's.
 */
public final class HedgedCall implements Call {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    private final OkHttpClient client;
    private final HedgePolicies policies;
    private final Request request;
    private final HedgeRace race;
    private final CompletableFuture<Response> answer = new CompletableFuture<>();
    private volatile boolean cancelled;
    private volatile @Nullable Callback callback;

    public HedgedCall(OkHttpClient client, HedgePolicies policies, Request request) {
        this.client = client;
        this.policies = policies;
        this.request = request;
        this.race = new HedgeRace(client, policies, request, this::ended);
    }

    private void ended(@Nullable Response response, @Nullable IOException failure) {
        Callback waiting = callback;
        if (waiting == null) {
            if (response != null) {
                answer.complete(response);
            } else {
                answer.completeExceptionally(failure == null ? new IOException("no answer") : failure);
            }
        } else if (response != null) {
            try {
                waiting.onResponse(this, response);
            } catch (IOException e) {
                // As in OkHttp: a failure of the callback itself is logged.
                LOG.log(
                        System.Logger.Level.INFO,
                        "callback failure for " + request.url().redact(),
                        e);
            }
        } else if (failure != null) {
            waiting.onFailure(this, failure);
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // closes a response that comes too late
    public Response execute() throws IOException {
        // On this thread. If the second request wins, the first is cancelled and lets the thread go.
        try {
            race.firstEnds(race.first().execute(), null);
        } catch (IOException e) {
            race.firstEnds(null, e);
        } catch (Throwable e) {
            race.abandon();
            throw e;
        }
        try {
            return answer.get();
        } catch (InterruptedException e) {
            cancel();
            answer.thenAccept(Response::close);
            Thread.currentThread().interrupt();
            throw OkHttpQuirks.interrupted(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException(e.getCause());
        }
    }

    @Override
    public void enqueue(Callback responseCallback) {
        callback = responseCallback;
        race.first().enqueue(new Callback() {
            @Override
            public void onResponse(Call call, Response response) {
                race.firstEnds(response, null);
            }

            @Override
            public void onFailure(Call call, IOException e) {
                race.firstEnds(null, e);
            }
        });
    }

    @Override
    public void cancel() {
        cancelled = true;
        race.cancel();
    }

    @Override
    public boolean isCanceled() {
        return cancelled;
    }

    @Override
    public boolean isExecuted() {
        return race.first().isExecuted();
    }

    @Override
    public Request request() {
        return request;
    }

    @Override
    public Timeout timeout() {
        return race.first().timeout();
    }

    @Override
    public void addEventListener(EventListener eventListener) {
        race.first().addEventListener(eventListener);
    }

    @Override
    public <T> @Nullable T tag(KClass<T> type) {
        return race.first().tag(type);
    }

    @Override
    public <T> @Nullable T tag(Class<? extends T> type) {
        return race.first().tag(type);
    }

    @Override
    public <T> T tag(KClass<T> type, Function0<? extends T> computeIfAbsent) {
        return race.first().tag(type, computeIfAbsent);
    }

    @Override
    public <T> T tag(Class<T> type, Function0<? extends T> computeIfAbsent) {
        return race.first().tag(type, computeIfAbsent);
    }

    @Override
    public Call clone() {
        return new HedgedCall(client, policies, request);
    }

    @Override
    public String toString() {
        return "HedgedCall[" + request.method() + " " + request.url().redact() + "]";
    }
}
