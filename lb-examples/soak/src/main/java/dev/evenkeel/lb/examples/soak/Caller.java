package dev.evenkeel.lb.examples.soak;

import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Makes numbered calls; what each is like, and when its caller loses patience, follows from its number. Thread-safe. */
final class Caller implements AutoCloseable {
    private static final RequestBody BODY = RequestBody.create("x".repeat(200), MediaType.get("text/plain"));
    private static final int FEW_BYTES = 100;

    private final OkHttpClient client;
    private final Call.Factory hedging;
    private final long seed;
    private final ScheduledThreadPoolExecutor cancellers = new ScheduledThreadPoolExecutor(1);
    private final Map<String, LongAdder> ends = new ConcurrentHashMap<>();

    Caller(OkHttpClient client, long seed) {
        this.client = client;
        this.hedging = LoadBalancing.hedging(
                client, HedgePolicy.builder().delay(Duration.ofMillis(10)).build());
        this.seed = seed;
        cancellers.setRemoveOnCancelPolicy(true);
    }

    /** Whether a call must not be processed twice. */
    boolean isSingle(int number) {
        return kind(new Random(seed + number)) == Kind.POST;
    }

    private enum Kind {
        GET,
        PUT,
        POST,
        KEYED_POST
    }

    private static Kind kind(Random random) {
        int dice = random.nextInt(100);
        return dice < 60 ? Kind.GET : dice < 75 ? Kind.PUT : dice < 90 ? Kind.POST : Kind.KEYED_POST;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a cancellation that comes too late does nothing
    void call(int number) {
        Random random = new Random(seed + number);
        Request request = request(kind(random), number);
        Call call = (random.nextInt(10) == 0 ? hedging : client).newCall(request);
        int patience = random.nextInt(100);
        if (patience < 1) {
            call.cancel();
        } else if (patience < 3) {
            cancellers.schedule(call::cancel, random.nextInt(2_000), TimeUnit.MICROSECONDS);
        } else if (patience < 4) {
            call.timeout().timeout(1 + random.nextInt(5), TimeUnit.MILLISECONDS);
        }
        boolean readsAll = random.nextInt(20) > 0;
        String end = random.nextInt(10) == 0 ? enqueued(call, readsAll) : executed(call, readsAll);
        ends.computeIfAbsent(end, any -> new LongAdder()).increment();
    }

    private static Request request(Kind kind, int number) {
        Request.Builder request =
                new Request.Builder().url("http://users/x").header(FaultyServer.NUMBER, String.valueOf(number));
        return (switch (kind) {
                    case GET -> request;
                    case PUT -> request.put(BODY);
                    case POST -> request.post(BODY);
                    case KEYED_POST -> request.post(BODY).header("Idempotency-Key", String.valueOf(number));
                })
                .build();
    }

    private static String executed(Call call, boolean readsAll) {
        try {
            return read(call.execute(), readsAll);
        } catch (IOException e) {
            return failure(call);
        }
    }

    private static String enqueued(Call call, boolean readsAll) {
        CompletableFuture<String> end = new CompletableFuture<>();
        call.enqueue(new Callback() {
            @Override
            public void onFailure(Call failed, IOException e) {
                end.complete(failure(call));
            }

            @Override
            public void onResponse(Call answered, Response response) {
                try {
                    end.complete(read(response, readsAll));
                } catch (IOException e) {
                    end.complete(failure(call));
                }
            }
        });
        return end.join();
    }

    private static String failure(Call call) {
        return call.isCanceled() ? "cancelled or out of time" : "failed";
    }

    private static String read(Response response, boolean readsAll) throws IOException {
        try (response) {
            if (readsAll) {
                response.body().bytes();
            } else {
                response.body().source().request(FEW_BYTES);
            }
            return String.valueOf(response.code());
        }
    }

    /** How many calls ended how. */
    Map<String, LongAdder> ends() {
        return ends;
    }

    @Override
    public void close() {
        cancellers.shutdownNow();
    }
}
