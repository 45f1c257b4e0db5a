package dev.evenkeel.lb.spring;

import okhttp3.OkHttpClient;

/**
 * Sets what the application wants of the client before the pools are attached to it: timeouts, interceptors, TLS. Each
 * bean of this type is called once, in the order of its {@code @Order}.
 */
@FunctionalInterface
public interface OkHttpClientCustomizer {

    /**
     * Changes the client to come.
     *
     * @param builder a builder with OkHttp's defaults, or as earlier customizers have left it
     */
    void customize(OkHttpClient.Builder builder);
}
