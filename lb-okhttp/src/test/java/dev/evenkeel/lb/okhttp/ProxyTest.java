package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A proxy that the user has configured is reached, or the call fails with a reason; it is never bypassed in silence. */
class ProxyTest {
    private final TestBackend backend = TestBackend.start("backend");
    private final TestBackend proxy = TestBackend.start("proxy");
    private final RecordingPool pool = RecordingPool.of(backend);

    @AfterEach
    void close() {
        pool.close();
        proxy.close();
        backend.close();
    }

    private Proxy httpProxy() {
        return new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", proxy.server.getPort()));
    }

    private static String text(OkHttpClient client) throws IOException {
        try (Response response = client.newCall(
                        new Request.Builder().url("http://users/x").build())
                .execute()) {
            assertThat(response.request().url()).hasToString("http://users/x");
            return response.body().string();
        }
    }

    private void assertProxied(int requests) {
        assertThat(proxy.requests())
                .extracting(RecordedRequest::getTarget)
                .containsOnly(backend.uri() + "/x")
                .hasSize(requests);
        assertThat(backend.requests()).isEmpty();
        assertThat(pool.outcomes()).containsOnly(Outcome.SUCCESS).hasSize(requests);
        assertThat(pool.inFlight()).isZero();
    }

    @Test
    void proxyOfTheClient_isReached_andToldOfTheBackend() throws IOException {
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder().proxy(httpProxy()).build(), pool);
        assertThat(text(client)).isEqualTo("proxy");
        assertProxied(1);
    }

    @Test
    void proxyOfASelector_isReached_andTheSelectorIsAskedForTheBackend() throws IOException {
        Selector selector = new Selector(httpProxy());
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder().proxySelector(selector).build(), pool);
        assertThat(text(client)).isEqualTo("proxy");
        assertThat(text(client)).isEqualTo("proxy");
        assertProxied(2);
        assertThat(selector.asked).containsOnly(URI.create(backend.uri() + "/"));
    }

    @Test
    void selectorThatChangesItsMind_isFollowed() throws IOException {
        Selector selector = new Selector(Proxy.NO_PROXY);
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder().proxySelector(selector).build(), pool);
        assertThat(text(client)).isEqualTo("backend");
        selector.answer = httpProxy();
        // As in OkHttp, it is asked when a connection is made, and not for each call.
        assertThat(text(client)).isEqualTo("backend");
        client.connectionPool().evictAll();
        assertThat(text(client)).isEqualTo("proxy");
        selector.answer = Proxy.NO_PROXY;
        assertThat(text(client)).isEqualTo("backend");
    }

    @Test
    void socksProxy_isReached() {
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder()
                        .proxy(new Proxy(Proxy.Type.SOCKS, new InetSocketAddress("127.0.0.1", 1)))
                        .build(),
                pool);
        assertThatThrownBy(() -> text(client)).isInstanceOf(IOException.class);
        assertThat(backend.requests()).isEmpty();
        assertThat(pool.outcomes()).containsExactly(Outcome.NEVER_SENT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void steering_withAProxy_isRefusedWithAReason(boolean selected) {
        OkHttpClient.Builder proxied = new OkHttpClient.Builder();
        if (selected) {
            proxied.proxySelector(new Selector(httpProxy()));
        } else {
            proxied.proxy(httpProxy());
        }
        OkHttpClient client =
                LoadBalancing.builder().pools(pool).addressing(Addressing.STEER).attach(proxied.build());
        assertThatThrownBy(() -> text(client))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("pool \"users\": backend backend (" + backend.uri()
                        + ") cannot be steered to through a proxy, and the client has one for it: HTTP @ ")
                .hasMessageContaining("bypassProxy()");
        assertThat(proxy.requests()).isEmpty();
        assertThat(backend.requests()).isEmpty();
        assertThat(pool.outcomes()).containsExactly(Outcome.DISCARDED);
        assertThat(pool.inFlight()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bypassProxy_steersPastIt(boolean selected) throws IOException {
        OkHttpClient.Builder proxied = new OkHttpClient.Builder();
        if (selected) {
            proxied.proxySelector(new Selector(httpProxy()));
        } else {
            proxied.proxy(httpProxy());
        }
        OkHttpClient client = LoadBalancing.builder().pools(pool).bypassProxy().attach(proxied.build());
        assertThat(text(client)).isEqualTo("backend");
        assertThat(proxy.requests()).isEmpty();
    }

    @Test
    void explicitNoProxy_keepsTheSelectorOut() throws IOException {
        Selector selector = new Selector(httpProxy());
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder()
                        .proxySelector(selector)
                        .proxy(Proxy.NO_PROXY)
                        .build(),
                pool);
        assertThat(text(client)).isEqualTo("backend");
        assertThat(selector.asked).isEmpty();
    }

    private static final class Selector extends ProxySelector {
        private final List<URI> asked = new CopyOnWriteArrayList<>();
        private volatile Proxy answer;

        Selector(Proxy answer) {
            this.answer = answer;
        }

        @Override
        public List<Proxy> select(URI uri) {
            asked.add(uri);
            return List.of(answer);
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException e) {}
    }
}
