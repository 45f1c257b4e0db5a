package dev.evenkeel.lb.core.load;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.core.internal.load.HaproxyAgentResponse;
import dev.evenkeel.lb.core.internal.load.Quote;
import dev.evenkeel.lb.spi.LoadReading;
import dev.evenkeel.lb.spi.LoadReportSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Polls agents that implement HAProxy's {@code agent-check}: connects to the backend's host at the agent's port, sends
 * the configured text, reads one line, closes. The line has words in any order, such as {@code 75% maxconn:30 up ready
 * #text}, separated by spaces, tabs or commas.
 *
 * <p>As in HAProxy, {@code drain}, {@code maint} and {@code ready} replace the admin state, including one set by an
 * operator: an agent that always responds {@code ready} ends an operator's drain with its next response. {@code down},
 * {@code fail} and {@code stopped} take the backend out until the agent responds {@code up}, which brings it back only
 * if health checks agree. An agent that omits a part, cannot be reached or does not respond in time changes nothing.
 * The same holds for a line with a word that is unknown or out of range, where HAProxy skips the word and follows the
 * remaining ones.
 *
 * <p>Immutable and thread-safe. A poll blocks its thread.
 */
public final class AgentCheck implements LoadReportSource {

    /** The metadata key for the port of a backend's agent, if it differs from the configured port. */
    public static final String PORT_METADATA = "agent-port";

    private static final int MAX_SENT = 1_024;

    private final int port;
    private final String sent;

    private AgentCheck(int port, String sent) {
        this.port = port;
        this.sent = sent;
    }

    /**
     * Agents at one port of the backends' hosts, or at the port that a backend has in its metadata
     * ({@link #PORT_METADATA}).
     *
     * @param port 1 to 65,535
     * @return a check that sends nothing
     * @throws IllegalArgumentException if the port is out of range
     */
    public static AgentCheck onPort(int port) {
        return new AgentCheck(checkPort(port), "");
    }

    /**
     * Sets a text to send first, as HAProxy's {@code agent-send}.
     *
     * @param text in ISO-8859-1, at most 1,024 characters; with the line's end, if the agent needs one
     * @return a check that sends it
     * @throws IllegalArgumentException if it is too long
     */
    public AgentCheck send(String text) {
        if (text.length() > MAX_SENT) {
            throw new IllegalArgumentException(
                    "agent is sent at most " + MAX_SENT + " characters: " + text.length() + " of them");
        }
        return new AgentCheck(port, text);
    }

    private static int checkPort(int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("agent's port must be 1..65535: " + port);
        }
        return port;
    }

    @Override
    public CompletionStage<LoadReading> read(Backend backend, Duration timeout) {
        try {
            return CompletableFuture.completedFuture(reading(HaproxyAgentResponse.parse(line(backend, timeout))));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private int port(Backend backend) {
        String own = backend.metadata().get(PORT_METADATA);
        if (own == null) {
            return port;
        }
        try {
            return checkPort(Integer.parseInt(own));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("agent's port must be 1..65535: " + Quote.of(own), e);
        }
    }

    private String line(Backend backend, Duration timeout) throws IOException {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(backend.host(), port(backend)), millisUntil(deadlineNanos));
            if (!sent.isEmpty()) {
                socket.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
            }
            return line(socket, deadlineNanos);
        }
    }

    /** Reads up to the end of the line or of the stream. One byte too many is left for the parser to refuse. */
    private static String line(Socket socket, long deadlineNanos) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] bytes = new byte[HaproxyAgentResponse.MAX_LENGTH + 1];
        int length = 0;
        while (length < bytes.length) {
            socket.setSoTimeout(millisUntil(deadlineNanos));
            int read = in.read(bytes, length, bytes.length - length);
            if (read < 0) {
                break;
            }
            length += read;
            if (endsWithin(bytes, length - read, length)) {
                break;
            }
        }
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static boolean endsWithin(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r') {
                return true;
            }
        }
        return false;
    }

    private static int millisUntil(long deadlineNanos) throws SocketTimeoutException {
        long nanos = deadlineNanos - System.nanoTime();
        if (nanos <= 0) {
            throw new SocketTimeoutException("no whole line in time");
        }
        return (int) Math.min(Integer.MAX_VALUE, nanos / 1_000_000 + 1);
    }

    private static LoadReading reading(HaproxyAgentResponse reply) {
        HaproxyAgentResponse.State state = reply.state();
        HealthState health = state == null ? null : state.isUp() ? HealthState.UP : HealthState.DOWN;
        return new LoadReading(
                null, reply.weightPercent(), reply.maxInFlight(), adminState(reply.admin()), health, cause(reply));
    }

    private static @Nullable AdminState adminState(HaproxyAgentResponse.@Nullable Admin admin) {
        if (admin == null) {
            return null;
        }
        return switch (admin) {
            case READY -> AdminState.ACTIVE;
            case DRAIN -> AdminState.DRAINING;
            case MAINT -> AdminState.MAINTENANCE;
        };
    }

    private static String cause(HaproxyAgentResponse reply) {
        HaproxyAgentResponse.State state = reply.state();
        String word = state == null ? "" : "its agent says " + state.name().toLowerCase(Locale.ROOT);
        return reply.description().isEmpty() ? word : word + " (" + reply.description() + ")";
    }
}
