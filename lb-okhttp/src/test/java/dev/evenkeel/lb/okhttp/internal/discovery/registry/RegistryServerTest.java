package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import okhttp3.Request;
import org.junit.jupiter.api.Test;

/** The URL of a registry, and credentials that its text does not show. */
class RegistryServerTest {
    @Test
    void credentials_areAHeader_andInNoText() {
        RegistryServer server = RegistryServer.of("https://me:pw@registry:8500/api");
        Request request = server.request(server.path("v1/x").build()).build();

        assertThat(server).hasToString("https://registry:8500/api/");
        assertThat(request.url()).hasToString("https://registry:8500/api/v1/x");
        assertThat(request.header("Authorization")).isEqualTo("Basic bWU6cHc=");
    }

    @Test
    void otherUrls_areRefused_andNotQuoted() {
        for (String url : new String[] {"registry:8500", "ftp://a", "http://me:pw@a/?x", "http://a/#x"}) {
            assertThatThrownBy(() -> RegistryServer.of(url))
                    .hasMessageStartingWith("a registry's URL must be one of http or https")
                    .hasMessageNotContaining("pw");
        }
    }
}
