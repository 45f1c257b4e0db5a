package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A server that ends before it has accepted a connection on which a request was written, which its system accepts for it
 * and then resets. Without TLS a client cannot tell this from a server that was aborted with the request.
 */
@Timeout(60)
class UnacceptedConnectionTest {
    private ServerSocket ending;
    private TestBackend other;
    private LoadBalancer pool;
    private OkHttpClient client;

    @BeforeEach
    void start() throws IOException {
        ending = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        other = TestBackend.start("other", Wire.H2_PRIOR_KNOWLEDGE);
        pool = LoadBalancers.builder("users")
                .backend(Backend.of("http://127.0.0.1:" + ending.getLocalPort()))
                .backend(other.backend())
                .strategy(context -> request -> context.candidates().stream()
                        .filter(request::accepts)
                        .findFirst()
                        .orElse(null))
                .build();
        OkHttpClient plain = new OkHttpClient.Builder()
                .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
                .eventListener(new EventListener() {
                    @Override
                    public void requestHeadersEnd(Call call, Request request) {
                        try {
                            ending.close();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                })
                .build();
        client = LoadBalancing.attach(plain, pool);
    }

    @AfterEach
    void stop() throws IOException {
        ending.close();
        pool.close();
        other.close();
    }

    @Test
    void request_thatMayBeProcessedTwice_goesToAnotherBackend() throws IOException {
        try (Response response = client.newCall(request().build()).execute()) {
            assertThat(response.body().string()).isEqualTo("other");
        }
    }

    @Test
    void request_thatMustNot_failsAndIsNotSentAgain() {
        Call call = client.newCall(request().post(RequestBody.create("x", null)).build());
        // A SocketException, or OkHttp's own "closed" where its reader meets the reset before the write does.
        assertThatThrownBy(call::execute)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(
                        "pool \"users\" failed after 1 attempt: http://127.0.0.1:" + ending.getLocalPort());
        assertThat(other.requests()).isEmpty();
    }

    private static Request.Builder request() {
        return new Request.Builder().url("http://users/x");
    }
}
