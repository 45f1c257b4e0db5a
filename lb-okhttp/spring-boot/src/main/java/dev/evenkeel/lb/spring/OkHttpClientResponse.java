package dev.evenkeel.lb.spring;

import java.io.InputStream;
import okhttp3.Response;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;

/** A response of OkHttp's as Spring reads it. Closing it releases the connection. */
final class OkHttpClientResponse implements ClientHttpResponse {
    private final Response response;
    private final HttpHeaders headers = new HttpHeaders();

    OkHttpClientResponse(Response response) {
        this.response = response;
        response.headers().forEach(header -> headers.add(header.getFirst(), header.getSecond()));
    }

    @Override
    public HttpStatusCode getStatusCode() {
        return HttpStatusCode.valueOf(response.code());
    }

    @Override
    public String getStatusText() {
        return response.message();
    }

    @Override
    public HttpHeaders getHeaders() {
        return headers;
    }

    @Override
    public InputStream getBody() {
        return response.body().byteStream();
    }

    @Override
    public void close() {
        response.close();
    }
}
