package dev.evenkeel.lb.core.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.core.AgentServer;
import dev.evenkeel.lb.spi.LoadReading;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Agents over real sockets. */
@Timeout(30)
class AgentCheckTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final AgentServer agent = new AgentServer("");
    private final Backend backend = Backend.of("http://127.0.0.1:1");

    @AfterEach
    void close() throws IOException {
        agent.close();
    }

    private LoadReading read() throws InterruptedException, ExecutionException {
        return read(LONG);
    }

    private LoadReading read(Duration timeout) throws InterruptedException, ExecutionException {
        return AgentCheck.onPort(agent.port())
                .read(backend, timeout)
                .toCompletableFuture()
                .get();
    }

    private LoadReading saying(String line) throws InterruptedException, ExecutionException {
        agent.says(line);
        return read();
    }

    @Test
    void everyWord_becomesItsPartOfTheReading() throws Exception {
        assertThat(saying("75%\n")).isEqualTo(new LoadReading(null, 75, null, null, null, ""));
        assertThat(saying("maxconn:30\n")).isEqualTo(new LoadReading(null, null, 30, null, null, ""));
        assertThat(saying("maxconn:0\n").maxInFlight()).isEqualTo(Integer.MAX_VALUE);
        assertThat(saying("ready\n").adminState()).isEqualTo(AdminState.ACTIVE);
        assertThat(saying("drain\n").adminState()).isEqualTo(AdminState.DRAINING);
        assertThat(saying("maint\n").adminState()).isEqualTo(AdminState.MAINTENANCE);
        assertThat(saying("up\n"))
                .isEqualTo(new LoadReading(null, null, null, null, HealthState.UP, "its agent says up"));
        assertThat(saying("down # no disk\n"))
                .isEqualTo(new LoadReading(null, null, null, null, HealthState.DOWN, "its agent says down (no disk)"));
        assertThat(saying("fail\n").health()).isEqualTo(HealthState.DOWN);
        assertThat(saying("stopped\n").health()).isEqualTo(HealthState.DOWN);
    }

    @Test
    void lineWithoutItsEnd_isWholeWhenTheAgentCloses() throws Exception {
        assertThat(saying("up 50%").weightPercent()).isEqualTo(50);
        assertThat(saying("")).isEqualTo(new LoadReading(null, null, null, null, null, ""));
    }

    @Test
    void lineInPieces_isReadToItsEnd_andNotBeyond() throws Exception {
        agent.holds(socket -> {
            OutputStream out = socket.getOutputStream();
            for (byte b : "up 40%\n".getBytes(StandardCharsets.US_ASCII)) {
                out.write(b);
                out.flush();
            }
            // Stays open until the check closes.
            int unused = socket.getInputStream().read();
        });
        assertThat(read().weightPercent()).isEqualTo(40);
    }

    @Test
    void text_isSentFirst() throws Exception {
        agent.holds(socket -> {
            String sent = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))
                    .readLine();
            socket.getOutputStream()
                    .write(("be/srv1".equals(sent) ? "90%\n" : "down\n").getBytes(StandardCharsets.US_ASCII));
        });
        assertThat(AgentCheck.onPort(agent.port())
                        .send("be/srv1\n")
                        .read(backend, LONG)
                        .toCompletableFuture()
                        .get()
                        .weightPercent())
                .isEqualTo(90);
    }

    @Test
    void portOfItsOwn_isInTheBackendsMetadata() throws Exception {
        agent.says("33%\n");
        Backend own = Backend.builder("http://127.0.0.1:1")
                .metadata(AgentCheck.PORT_METADATA, Integer.toString(agent.port()))
                .build();
        assertThat(AgentCheck.onPort(1)
                        .read(own, LONG)
                        .toCompletableFuture()
                        .get()
                        .weightPercent())
                .isEqualTo(33);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "65536", "x", "-1", "99999999999"})
    void portOfItsOwn_thatIsNone_isRefused(String port) {
        Backend own = Backend.builder("http://127.0.0.1:1")
                .metadata(AgentCheck.PORT_METADATA, port)
                .build();
        assertThatThrownBy(() -> AgentCheck.onPort(1).read(own, LONG))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("agent's port must be 1..65535: ");
    }

    @Test
    void agentThatHangs_isGivenUp() {
        agent.hangs();
        assertThatThrownBy(() -> read(Duration.ofMillis(50))).hasCauseInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void agentThatDrips_isGivenUpAtTheDeadline() {
        agent.holds(socket -> {
            while (true) {
                socket.getOutputStream().write(' ');
                socket.getOutputStream().flush();
                socket.setSoTimeout(1);
                try {
                    if (socket.getInputStream().read() < 0) {
                        return;
                    }
                } catch (SocketTimeoutException e) {
                    // The client is still there.
                }
            }
        });
        assertThatThrownBy(() -> read(Duration.ofMillis(100))).isInstanceOf(Exception.class);
    }

    @Test
    void nobodyThere_isAFailedReading() throws IOException {
        int port;
        try (ServerSocket gone = new ServerSocket(0)) {
            port = gone.getLocalPort();
        }
        assertThatThrownBy(() -> AgentCheck.onPort(port)
                        .read(backend, LONG)
                        .toCompletableFuture()
                        .get())
                .hasCauseInstanceOf(ConnectException.class);
    }

    @Test
    void hostileLines_areRefused() {
        agent.says("x".repeat(1 << 20));
        assertThatThrownBy(this::read)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("agent's line must have at most 1024 characters: it has 1025");
        agent.says("-5%\n");
        assertThatThrownBy(this::read)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("agent's word is not known: \"-5%\"");
        agent.says("99999%\n");
        assertThatThrownBy(this::read)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("agent's weight must be 0%..25600%: 99999%");
        agent.says("NaN%\n");
        assertThatThrownBy(this::read).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void badSettings_areRefused() {
        assertThatThrownBy(() -> AgentCheck.onPort(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("agent's port must be 1..65535: 0");
        assertThatThrownBy(() -> AgentCheck.onPort(1).send("x".repeat(1_025)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("agent is sent at most 1024 characters: 1025 of them");
    }
}
