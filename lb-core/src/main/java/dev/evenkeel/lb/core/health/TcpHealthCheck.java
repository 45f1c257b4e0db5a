package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Connects and closes. Connects do not block a thread; look-ups of host names do, on up to four of their own. */
final class TcpHealthCheck implements HealthCheck {

    private int users;
    private @Nullable AsynchronousChannelGroup group;
    private @Nullable ExecutorService resolver;

    @Override
    public synchronized void retain() {
        users++;
    }

    @Override
    public void release() {
        AsynchronousChannelGroup idleGroup = null;
        ExecutorService idleResolver = null;
        synchronized (this) {
            users--;
            if (users == 0) {
                idleGroup = group;
                idleResolver = resolver;
                group = null;
                resolver = null;
            }
        }
        if (idleResolver != null) {
            idleResolver.shutdownNow();
        }
        if (idleGroup != null) {
            try {
                idleGroup.shutdownNow();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public CompletionStage<HealthResult> check(Backend backend, Duration timeout) {
        CompletableFuture<HealthResult> result = new CompletableFuture<>();
        if (isLiteral(backend.host())) {
            connect(backend, result);
        } else {
            resolver().execute(() -> connect(backend, result));
        }
        return result;
    }

    private void connect(Backend backend, CompletableFuture<HealthResult> result) {
        try {
            InetAddress address = InetAddress.getByName(backend.host());
            AsynchronousSocketChannel channel = AsynchronousSocketChannel.open(group());
            // The pool cancels the future at the timeout; then, too, the channel must go.
            CompletableFuture<HealthResult> unused = result.whenComplete((r, e) -> closeQuietly(channel));
            channel.connect(
                    new InetSocketAddress(address, backend.port()),
                    null,
                    new CompletionHandler<@Nullable Void, @Nullable Void>() {
                        @Override
                        public void completed(@Nullable Void nothing, @Nullable Void attachment) {
                            result.complete(HealthResult.healthy("connected"));
                        }

                        @Override
                        public void failed(Throwable cause, @Nullable Void attachment) {
                            result.complete(HealthResult.unhealthy(cause.toString()));
                        }
                    });
        } catch (IOException | RuntimeException e) {
            result.complete(HealthResult.unhealthy(e.toString()));
        }
    }

    private synchronized AsynchronousChannelGroup group() throws IOException {
        if (group == null) {
            group = AsynchronousChannelGroup.withFixedThreadPool(1, task -> daemon(task, "evenkeel-tcp-check"));
        }
        return group;
    }

    private synchronized ExecutorService resolver() {
        if (resolver == null) {
            resolver = new ThreadPoolExecutor(
                    0,
                    4,
                    5,
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    task -> daemon(task, "evenkeel-tcp-check-dns"));
        }
        return resolver;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    private static void closeQuietly(AsynchronousSocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // The channel is gone either way, and the check has its result.
        }
    }
}
