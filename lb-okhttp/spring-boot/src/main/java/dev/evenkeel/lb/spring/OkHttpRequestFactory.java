package dev.evenkeel.lb.spring;

import java.net.URI;
import java.util.Objects;
import okhttp3.Call;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;

/**
 * Lets {@code RestClient}, {@code RestTemplate} and HTTP interfaces send their requests by OkHttp. Spring 6 has such a
 * factory for OkHttp 3 and 4, Spring 7 has none.
 *
 * <pre>{@code
 * RestClient users = RestClient.builder().requestFactory(new OkHttpRequestFactory(client)).baseUrl("http://users").build();
 * }</pre>
 *
 * <p>A body that is written to memory, or that Spring can write again, may be sent again, as retries need; any other
 * body is sent once at most. Timeouts are the client's.
 *
 * <p>Thread-safe.
 */
public final class OkHttpRequestFactory implements ClientHttpRequestFactory {
    private final Call.Factory calls;

    /**
     * A factory over a client.
     *
     * @param calls an attached client, or the {@code HedgingCallFactory} over one
     */
    public OkHttpRequestFactory(Call.Factory calls) {
        this.calls = Objects.requireNonNull(calls, "calls must not be null");
    }

    @Override
    public ClientHttpRequest createRequest(URI uri, HttpMethod method) {
        return new OkHttpClientRequest(calls, uri, method);
    }
}
