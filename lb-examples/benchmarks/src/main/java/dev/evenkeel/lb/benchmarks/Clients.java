package dev.evenkeel.lb.benchmarks;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.benchmarks.subject.Backends;
import dev.evenkeel.lb.benchmarks.subject.EvenkeelSubjects;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/** The clients of {@link CallBenchmark}: alike but for what stands between the call and the exchange. */
final class Clients implements AutoCloseable {
    static final String URL = "http://users/api/42";

    static final int BACKENDS = 10;
    static final List<String> INTERCEPTORS = List.of("none", "noop", "rewriting", "roundRobin", "adaptive");

    private static final MediaType TEXT = MediaType.get("text/plain");
    private static final byte[] BODY = {'o', 'k'};

    private final @Nullable Interceptor interceptor;
    private final @Nullable LoadBalancer pool;

    private Clients(@Nullable Interceptor interceptor, @Nullable LoadBalancer pool) {
        this.interceptor = interceptor;
        this.pool = pool;
    }

    static Clients with(String interceptor) {
        return switch (interceptor) {
            case "none" -> new Clients(null, null);
            case "noop" -> new Clients(chain -> chain.proceed(chain.request()), null);
            case "rewriting" -> new Clients(new Rewriting(), null);
            default -> new Clients(null, EvenkeelSubjects.pool(Strategies.byName(interceptor), BACKENDS, false));
        };
    }

    OkHttpClient canned() {
        return attached(new OkHttpClient())
                .newBuilder()
                .addInterceptor(Clients::answer)
                .build();
    }

    OkHttpClient inMemory() {
        return attached(new OkHttpClient.Builder()
                .dns(host -> List.of(InetAddress.getByAddress(host, new byte[] {10, 0, 0, 1})))
                .socketFactory(new InMemorySocketFactory())
                .build());
    }

    private OkHttpClient attached(OkHttpClient client) {
        if (pool != null) {
            return LoadBalancing.attach(client, pool);
        }
        return interceptor == null
                ? client
                : client.newBuilder().addInterceptor(interceptor).build();
    }

    private static Response answer(Interceptor.Chain chain) {
        return new Response.Builder()
                .request(chain.request())
                .protocol(Protocol.HTTP_1_1)
                .code(200)
                .message("OK")
                .body(ResponseBody.create(BODY, TEXT))
                .build();
    }

    @Override
    public void close() {
        if (pool != null) {
            pool.close();
        }
    }

    /** What people write when they need a load balancer and have an afternoon. */
    private static final class Rewriting implements Interceptor {
        private final AtomicInteger counter = new AtomicInteger();

        @Override
        public Response intercept(Chain chain) throws IOException {
            int index = Integer.remainderUnsigned(counter.getAndIncrement(), BACKENDS);
            HttpUrl url = chain.request()
                    .url()
                    .newBuilder()
                    .host(Backends.host(index))
                    .port(Backends.PORT)
                    .build();
            return chain.proceed(chain.request().newBuilder().url(url).build());
        }
    }
}
