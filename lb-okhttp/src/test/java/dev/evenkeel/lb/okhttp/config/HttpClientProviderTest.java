package dev.evenkeel.lb.okhttp.config;

import static org.assertj.core.api.Assertions.assertThat;

import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/** The application's client, or one that is made on first use. */
class HttpClientProviderTest {
    @Test
    void givenClient_isUsed_andNotClosed() {
        OkHttpClient given = new OkHttpClient();
        try (HttpClientProvider provider = new HttpClientProvider(given)) {
            assertThat(provider.get()).isSameAs(given);
        }
        assertThat(given.dispatcher().executorService().isShutdown()).isFalse();
    }

    @Test
    void ownClient_isMadeOnce_andClosed() {
        HttpClientProvider provider = new HttpClientProvider(null);
        OkHttpClient own = provider.get();

        assertThat(provider.get()).isSameAs(own);
        provider.close();
        assertThat(own.dispatcher().executorService().isShutdown()).isTrue();
    }
}
