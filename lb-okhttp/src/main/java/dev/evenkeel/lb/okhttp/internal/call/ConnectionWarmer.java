package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy.WarmUp;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import dev.evenkeel.lb.okhttp.internal.http.UrlRewriter;
import dev.evenkeel.lb.okhttp.internal.steering.ConnectionLane;
import dev.evenkeel.lb.okhttp.internal.steering.RepeatablePick;
import dev.evenkeel.lb.okhttp.internal.steering.SteeredBackend;
import dev.evenkeel.lb.okhttp.internal.steering.WarmUpTrigger;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.CookieJar;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Opens connections to backends before they take traffic, and keeps calls away from backends that are not ready while
 * other backends are. The connections go to the attached client's pool; its interceptors, cookies and cache are left
 * out.
 */
public final class ConnectionWarmer implements WarmUpTrigger {
    /** After so many cold backends a call takes the next pick, cold or not. */
    private static final int MAX_TURNED_DOWN = 16;

    private final AttemptSender sender;
    private final WarmUp plan;
    private final OkHttpClient client;

    public ConnectionWarmer(AttemptSender sender, WarmUp plan, OkHttpClient attached) {
        this.sender = sender;
        this.plan = plan;
        Dispatcher dispatcher = new Dispatcher(attached.dispatcher().executorService());
        dispatcher.setMaxRequests(Integer.MAX_VALUE);
        dispatcher.setMaxRequestsPerHost(Integer.MAX_VALUE);
        OkHttpClient.Builder builder = attached.newBuilder()
                .dispatcher(dispatcher)
                .cache(null)
                .cookieJar(CookieJar.NO_COOKIES)
                .followRedirects(false)
                .eventListener(EventListener.NONE)
                .callTimeout(plan.timeout())
                .connectTimeout(plan.timeout())
                .readTimeout(plan.timeout())
                .writeTimeout(plan.timeout());
        builder.interceptors().clear();
        builder.networkInterceptors().clear();
        this.client = builder.build();
    }

    @Override
    public boolean isReady(Backend backend) {
        return warmUp(sender.destination().pool().backend(backend));
    }

    @Override
    public PickResult ready(PickResult first, RepeatablePick call) {
        PickResult pick = first;
        List<Backend> tried = call.tried();
        for (int i = 0; i < MAX_TURNED_DOWN && pick instanceof Lease lease && !isReady(lease.backend()); i++) {
            lease.complete(Outcome.DISCARDED);
            call.addTried(lease.backend());
            pick = sender.destination().pool().balancer().acquire(call);
        }
        if (pick == first) {
            return pick;
        }
        call.tried(tried);
        return pick instanceof Lease
                ? pick
                : sender.destination().pool().balancer().acquire(call);
    }

    @Override
    public void follow(LoadBalancerEvent event) {
        if (event instanceof LoadBalancerEvent.BackendAdded added) {
            boolean unused = isReady(added.backend());
        } else if (event instanceof LoadBalancerEvent.HealthChanged changed) {
            if (changed.after() == HealthState.DOWN) {
                sender.destination().pool().backend(changed.backend()).warm(false);
            } else {
                boolean unused = isReady(changed.backend());
            }
        } else if (event instanceof LoadBalancerEvent.AdminStateChanged changed
                && changed.after() == AdminState.ACTIVE) {
            boolean unused = isReady(changed.backend());
        }
    }

    private boolean warmUp(SteeredBackend lanes) {
        if (lanes.isWarm()) {
            return true;
        }
        if (lanes.beginWarmUp()) {
            open(lanes);
        }
        return lanes.isWarm();
    }

    private void open(SteeredBackend lanes) {
        Backend backend = lanes.backend();
        HttpUrl url = new HttpUrl.Builder()
                .scheme(backend.isTls() ? "https" : "http")
                .host(sender.destination().pool().host())
                .build();
        if (!sender.isSteered(url, backend)) {
            lanes.warm(true);
            return;
        }
        Request request = new Request.Builder()
                .url(UrlRewriter.withPrefix(Objects.requireNonNull(url.resolve(plan.path())), backend.pathPrefix()))
                .head()
                .build();
        CountDownLatch connected = new CountDownLatch(plan.connections());
        AtomicInteger left = new AtomicInteger(plan.connections());
        for (int i = 0; i < plan.connections(); i++) {
            open(lanes, i, request, connected, left);
        }
    }

    private void open(SteeredBackend lanes, int number, Request request, CountDownLatch connected, AtomicInteger left) {
        ConnectionLane lane = lanes.enterLane(number);
        if (lane == null) {
            connected.countDown();
            ended(lanes, left);
            return;
        }
        Once here = new Once(connected);
        client.newBuilder()
                .addInterceptor(chain ->
                        sender.steered(chain, lane, chain.request().isHttps()).proceed(chain.request()))
                .addNetworkInterceptor(new Together(here, plan.timeout().toNanos()))
                .build()
                .newCall(request)
                .enqueue(new Callback() {
                    @Override
                    public void onResponse(Call call, Response response) {
                        response.close();
                        leave();
                    }

                    @Override
                    public void onFailure(Call call, IOException e) {
                        // Whether the backend is healthy is not judged here: the next calls will show it.
                        leave();
                    }

                    private void leave() {
                        here.countDown();
                        lane.exit();
                        ended(lanes, left);
                    }
                });
    }

    private static void ended(SteeredBackend lanes, AtomicInteger left) {
        if (left.decrementAndGet() == 0) {
            lanes.warm(true);
        }
    }

    /** Counts a connection as done, once. */
    private static final class Once {
        private final CountDownLatch latch;
        private final AtomicInteger counted = new AtomicInteger();

        Once(CountDownLatch latch) {
            this.latch = latch;
        }

        void countDown() {
            if (counted.getAndIncrement() == 0) {
                latch.countDown();
            }
        }
    }

    /** Holds each request until all have a connection: otherwise the second would reuse the first one's. */
    private record Together(Once here, long waitNanos) implements Interceptor {
        @Override
        public Response intercept(Chain chain) throws IOException {
            here.countDown();
            try {
                boolean unused = here.latch.await(waitNanos, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw OkHttpQuirks.interrupted(e);
            }
            return chain.proceed(chain.request());
        }
    }
}
