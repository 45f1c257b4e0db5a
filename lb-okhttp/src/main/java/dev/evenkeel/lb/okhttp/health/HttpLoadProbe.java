package dev.evenkeel.lb.okhttp.health;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.load.JsonLoadReportMapping;
import dev.evenkeel.lb.okhttp.internal.health.CheckClient;
import dev.evenkeel.lb.spi.LoadReading;
import dev.evenkeel.lb.spi.LoadReportSource;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads a backend's load from a JSON document that it serves.
 *
 * <pre>{@code
 * HttpLoadProbe.of(client, "users", "/load", JsonLoadReportMapping.none().cpu("/cpu").qps("/requests/rate"))
 * }</pre>
 *
 * <p>The request goes the way of an {@link HttpHealthCheck}'s. A status other than 2xx, and a document of more than 64
 * KiB or without a number where a pointer leads to, is no reading. Thread-safe.
 */
public final class HttpLoadProbe implements LoadReportSource {
    private final CheckClient client;
    private final String path;
    private final JsonLoadReportMapping pointers;

    private HttpLoadProbe(
            OkHttpClient client, @Nullable String logicalHost, String path, JsonLoadReportMapping pointers) {
        CheckClient.checkPath("load probe", path);
        this.client = new CheckClient(client, logicalHost);
        this.path = path;
        this.pointers = pointers;
    }

    /**
     * Probes under a logical host.
     *
     * @param client lends TLS settings, Dns and dispatcher threads
     * @param logicalHost the pool's name: what {@code Host}, SNI and the certificate say
     * @param path such as {@code /load}; with a query, if needed
     * @param pointers where the numbers stand
     * @return a probe
     * @throws IllegalArgumentException if the path does not begin with a slash
     */
    public static HttpLoadProbe of(
            OkHttpClient client, String logicalHost, String path, JsonLoadReportMapping pointers) {
        return new HttpLoadProbe(client, logicalHost, path, pointers);
    }

    /**
     * Probes under the backends' own hosts, for pools whose backends are addressed by their own names.
     *
     * @param client lends TLS settings, Dns and dispatcher threads
     * @param path such as {@code /load}; with a query, if needed
     * @param pointers where the numbers stand
     * @return a probe
     * @throws IllegalArgumentException if the path does not begin with a slash
     */
    public static HttpLoadProbe of(OkHttpClient client, String path, JsonLoadReportMapping pointers) {
        return new HttpLoadProbe(client, null, path, pointers);
    }

    @Override
    public CompletionStage<LoadReading> read(Backend backend, Duration timeout) {
        Request.Builder request = new Request.Builder().url(client.url(backend, path));
        String host = client.hostHeader();
        if (host != null) {
            request.header("Host", host);
        }
        return client.exchange(backend, request.build(), timeout, false, this::reading);
    }

    private LoadReading reading(Response response) throws IOException {
        if (!response.isSuccessful()) {
            throw new IOException("HTTP " + response.code());
        }
        BufferedSource source = response.body().source();
        if (source.request(JsonLoadReportMapping.MAX_SIZE + 1L)) {
            throw new IOException("the body has more than " + JsonLoadReportMapping.MAX_SIZE + " bytes");
        }
        return LoadReading.of(pointers.read(source.readUtf8()));
    }
}
