package dev.evenkeel.lb.examples.registries;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.okhttp.discovery.EtcdDiscovery;
import java.nio.file.Path;
import java.time.Duration;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls over a pool that follows a real etcd, which is killed, stopped and emptied meanwhile. */
@Timeout(240)
class EtcdTest {
    private static final String PREFIX = "/services/users/";

    @TempDir
    private Path directory;

    private static EtcdDiscovery source(Etcd etcd) {
        return EtcdDiscovery.builder(new OkHttpClient(), PREFIX, etcd.url())
                .watchTimeout(Duration.ofSeconds(2))
                .backoff(Duration.ofMillis(50), Duration.ofMillis(500))
                .build();
    }

    @Test
    void etcdThatIsKilled_costsNoCall_andIsFollowedAgain() throws Exception {
        try (Replicas replicas = new Replicas(3);
                Etcd etcd = new Etcd(directory)) {
            etcd.put(PREFIX + "a", replicas.address(0));
            etcd.put(PREFIX + "b", replicas.address(1));
            try (Traffic traffic = new Traffic(source(etcd))) {
                traffic.awaitReplicas(replicas, 0, 1);
                for (int round = 0; round < 2; round++) {
                    int before = traffic.errors();
                    etcd.kill();
                    traffic.awaitError("etcd prefix " + PREFIX);
                    traffic.stays(replicas, 500, 0, 1);
                    etcd.start();
                    etcd.put(PREFIX + "c", replicas.address(2));
                    traffic.awaitReplicas(replicas, 0, 1, 2);
                    etcd.delete(PREFIX + "c");
                    traffic.awaitReplicas(replicas, 0, 1);
                    assertThat(traffic.errors()).isGreaterThan(before);
                }
            }
        }
    }

    @Test
    void etcdThatNoLongerAnswers_costsNoCall_andIsFollowedAgain() throws Exception {
        try (Replicas replicas = new Replicas(3);
                Etcd etcd = new Etcd(directory)) {
            etcd.put(PREFIX + "a", replicas.address(0));
            etcd.put(PREFIX + "b", replicas.address(1));
            try (Traffic traffic = new Traffic(source(etcd))) {
                traffic.awaitReplicas(replicas, 0, 1);
                etcd.signal("STOP");
                // Its connections stay open: only the silence tells.
                traffic.awaitError("timeout");
                traffic.stays(replicas, 500, 0, 1);
                etcd.signal("CONT");
                etcd.put(PREFIX + "c", replicas.address(2));
                traffic.awaitReplicas(replicas, 0, 1, 2);
            }
        }
    }

    @Test
    void etcdThatIsSetUpAnew_isReadAnew() throws Exception {
        try (Replicas replicas = new Replicas(3);
                Etcd etcd = new Etcd(directory)) {
            for (int i = 0; i < 20; i++) {
                etcd.put(PREFIX + "a", replicas.address(i % 2));
            }
            try (Traffic traffic = new Traffic(source(etcd))) {
                traffic.awaitReplicas(replicas, 1);
                etcd.kill();
                etcd.forget();
                etcd.start();
                // Its revisions are earlier than the one that the watch would go on from.
                etcd.put(PREFIX + "a", replicas.address(2));
                traffic.awaitReplicas(replicas, 2);
            }
        }
    }
}
