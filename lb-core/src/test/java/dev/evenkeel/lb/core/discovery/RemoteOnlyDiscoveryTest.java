package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.document.PoolDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteOnlyDiscoveryTest {
    private static final Backend REMOTE = Backend.of("http://10.0.0.1:80");

    private final FakeReceiver receiver = new FakeReceiver();
    private final PushOrigin origin = new PushOrigin();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.255.255.254",
                "[::1]",
                "[0:0:0:0:0:0:0:1]",
                "[::ffff:127.0.0.1]",
                "169.254.169.254",
                "[::ffff:169.254.1.1]",
                "[fe80::1]",
                "[febf::1]",
                "localhost",
                "LOCALHOST",
                "localhost.",
                "api.localhost",
                "2130706433",
                "127.1",
                "0x7f000001"
            })
    void localHost_isLeftOut_andTold(String host) {
        Discoveries.remoteOnly(origin.discovery()).start(receiver);
        Backend local = Backend.of("http://" + host + ":80");
        origin.has(List.of(local, REMOTE));
        origin.has(List.of(local, REMOTE));

        assertThat(receiver.ids()).containsExactly(REMOTE.id());
        assertThat(receiver.ambient)
                .singleElement()
                .satisfies(fault -> assertThat(fault)
                        .hasMessageStartingWith(
                                "1 of 2 backends are left out; the first has a loopback or link-local address: "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.2",
                "192.168.0.1",
                "128.0.0.1",
                "169.253.0.1",
                "[2001:db8::1]",
                "[fec0::1]",
                "[fd00::1]",
                "users",
                "localhost.example.com",
                "notlocalhost",
                "x1"
            })
    void otherHost_isTaken(String host) {
        Discoveries.remoteOnly(origin.discovery()).start(receiver);
        origin.has(List.of(Backend.of("http://" + host + ":80")));

        assertThat(receiver.lists).hasSize(1);
        assertThat(receiver.ids()).hasSize(1);
        assertThat(receiver.errors).isEmpty();
    }

    @Test
    void listOfLocalHostsAlone_isAnError_andAnEmptyOneIsPassedOn() {
        Discoveries.remoteOnly(origin.discovery()).start(receiver);
        origin.has(List.of(Backend.of("http://127.0.0.1:80")));
        assertThat(receiver.lists).isEmpty();
        assertThat(receiver.errors).hasSize(1);
        assertThat(receiver.ambient).isEmpty();

        origin.has(List.of());
        assertThat(receiver.lists).hasSize(1);
    }

    @Test
    void errors_andWhatIsOut_arePassedOn() {
        Discoveries.remoteOnly(origin.discovery()).start(receiver);
        origin.isDown();
        origin.leavesOut("1 of 2 entries is left out");
        assertThat(receiver.errors).hasSize(2);
        assertThat(receiver.ambient).hasSize(1);

        FakeReceiver part = new FakeReceiver();
        Discoveries.remoteOnly(
                        Discoveries.subset(Discoveries.fixed("http://10.0.0.1:80", "http://10.0.0.2:80"), 1, "c"))
                .start(part);
        Set<String> first = Set.copyOf(part.ids());
        part.unavailable.accept(first);
        assertThat(part.ids()).hasSize(2);
    }

    @Test
    void document_hasIt(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("pools.json"), """
                { "pools": [ {
                  "name": "users",
                  "discovery": {
                    "type": "remoteOnly",
                    "source": { "type": "fixed", "backends": ["http://127.0.0.1:1", "http://10.0.0.1:80"] }
                  }
                } ] }
                """);
        try (LoadBalancer pool = PoolDocument.load(file).get(0)) {
            assertThat(pool.snapshot().backends()).hasSize(1);
        }
    }
}
