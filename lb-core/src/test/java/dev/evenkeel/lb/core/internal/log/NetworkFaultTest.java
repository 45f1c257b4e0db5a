package dev.evenkeel.lb.core.internal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class NetworkFaultTest {
    @Test
    void closedPort_isARefusedConnection() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        Throwable refused = catchThrowable(() -> new Socket(InetAddress.getLoopbackAddress(), port).close());

        assertThat(NetworkFault.of(refused)).isEqualTo("connection refused");
        ConnectException wrapped = new ConnectException("Failed to connect to /127.0.0.1:" + port);
        wrapped.initCause(refused);
        assertThat(NetworkFault.of(wrapped)).isEqualTo("connection refused");
    }

    @Test
    void hostThatIsNotFoundOrNotReached_isNamedInPlainWords() {
        assertThat(NetworkFault.of(new UnknownHostException("users.test"))).isEqualTo("unknown host: users.test");
        assertThat(NetworkFault.of(new IOException("failed", new NoRouteToHostException("No route to host"))))
                .isEqualTo("no route to host");
    }

    @Test
    void anyOtherFault_isItself() {
        assertThat(NetworkFault.of(new SocketTimeoutException("timeout")))
                .isEqualTo("java.net.SocketTimeoutException: timeout");
        assertThat(NetworkFault.of(new ConnectException("Connection timed out")))
                .isEqualTo("java.net.ConnectException: Connection timed out");
        assertThat(NetworkFault.of(new ConnectException())).isEqualTo("java.net.ConnectException");
    }

    @Test
    void causesInACircle_areFollowedNoFurtherThanTen() {
        IOException first = new IOException("first");
        first.initCause(new IOException("second", first));

        assertThat(NetworkFault.of(first)).isEqualTo("java.io.IOException: first");
    }
}
