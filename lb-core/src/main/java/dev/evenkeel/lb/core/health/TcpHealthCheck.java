package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.concurrent.DaemonThreads;
import dev.evenkeel.lb.core.internal.log.NetworkFault;
import dev.evenkeel.lb.core.internal.socket.IpLiterals;
import dev.evenkeel.lb.core.internal.socket.PromptHealthCheck;
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
import org.jspecify.annotations.Nullable;

/**
 * TCP health check: connects to the first address that accepts, and closes. Connects share one thread; only the
 * look-up of a host name blocks the thread that begins the check.
 */
final class TcpHealthCheck implements PromptHealthCheck {

    private int users;
    /** No pool uses the check any more: a check that is still under way must not restart the thread. */
    private boolean released;

    private @Nullable AsynchronousChannelGroup group;

    /** All instances are equal: a pool that gets another one keeps its own. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TcpHealthCheck;
    }

    @Override
    public int hashCode() {
        return TcpHealthCheck.class.hashCode();
    }

    @Override
    public boolean isPrompt(Backend backend) {
        return IpLiterals.isLiteral(backend.host());
    }

    @Override
    public synchronized void retain() {
        users++;
        released = false;
    }

    @Override
    public void release() {
        AsynchronousChannelGroup idle = null;
        synchronized (this) {
            users--;
            if (users == 0) {
                released = true;
                idle = group;
                group = null;
            }
        }
        if (idle != null) {
            try {
                idle.shutdownNow();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public CompletionStage<HealthResult> check(Backend backend, Duration timeout) {
        CompletableFuture<HealthResult> result = new CompletableFuture<>();
        try {
            connect(InetAddress.getAllByName(backend.host()), 0, backend.port(), result);
        } catch (IOException e) {
            result.complete(HealthResult.unhealthy(NetworkFault.of(e)));
        }
        return result;
    }

    private void connect(InetAddress[] addresses, int index, int port, CompletableFuture<HealthResult> result) {
        AsynchronousSocketChannel channel = null;
        try {
            channel = AsynchronousSocketChannel.open(group());
            AsynchronousSocketChannel opened = channel;
            // The pool cancels the future at the timeout; then the channel must be closed, too.
            CompletableFuture<HealthResult> unused = result.whenComplete((r, e) -> closeQuietly(opened));
            channel.connect(
                    new InetSocketAddress(addresses[index], port),
                    null,
                    new CompletionHandler<@Nullable Void, @Nullable Void>() {
                        @Override
                        public void completed(@Nullable Void nothing, @Nullable Void attachment) {
                            result.complete(HealthResult.healthy("connected"));
                        }

                        @Override
                        public void failed(Throwable cause, @Nullable Void attachment) {
                            closeQuietly(opened);
                            failedAt(addresses, index, port, cause, result);
                        }
                    });
        } catch (IOException | RuntimeException e) {
            if (channel != null) {
                closeQuietly(channel);
            }
            failedAt(addresses, index, port, e, result);
        }
    }

    private void failedAt(
            InetAddress[] addresses, int index, int port, Throwable cause, CompletableFuture<HealthResult> result) {
        if (index + 1 < addresses.length && !result.isDone()) {
            connect(addresses, index + 1, port, result);
        } else {
            result.complete(HealthResult.unhealthy(NetworkFault.of(cause)));
        }
    }

    private synchronized AsynchronousChannelGroup group() throws IOException {
        if (released) {
            throw new IOException("the pool is closed");
        }
        if (group == null) {
            group = AsynchronousChannelGroup.withFixedThreadPool(1, DaemonThreads.named("evenkeel-tcp-check"));
        }
        return group;
    }

    private static void closeQuietly(AsynchronousSocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // The channel is closed either way, and the check has its result.
        }
    }
}
