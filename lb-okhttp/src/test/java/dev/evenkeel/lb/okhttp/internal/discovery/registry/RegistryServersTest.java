package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The servers of a registry take turns when one fails. */
class RegistryServersTest {
    @Test
    void nextServer_isAsked_whenOneFails_andThenTheFirstAgain() {
        RegistryServers servers = new RegistryServers(RegistryServers.parse("http://a:1", "http://b:2"));

        assertThat(servers.current().url().host()).isEqualTo("a");
        servers.moveOn();
        assertThat(servers.current().url().host()).isEqualTo("b");
        servers.moveOn();
        assertThat(servers.current().url().host()).isEqualTo("a");
    }

    @Test
    void textsThatAreNoUrl_areRefused() {
        assertThatThrownBy(() -> RegistryServers.parse("http://a:1", "b:2"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
