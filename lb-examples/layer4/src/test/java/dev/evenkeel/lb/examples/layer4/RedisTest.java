package dev.evenkeel.lb.examples.layer4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthChecks;
import dev.evenkeel.lb.core.socket.PoolSocketFactory;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.JedisPooled;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** Jedis, with its own connection pool, over three Redis servers. */
class RedisTest {
    private static final int SO_TIMEOUT_MILLIS = 2_000;

    @TempDir
    Path directory;

    private final List<Server> servers = new ArrayList<>();
    private LoadBalancer pool;
    private JedisPooled jedis;

    @BeforeEach
    void start() throws IOException {
        String redis = Server.program("redis-server", "redis-server");
        LoadBalancerBuilder builder = LoadBalancers.builder("cache")
                .strategy(Strategies.leastConnections())
                .healthCheck(HealthCheckPolicy.of(HealthChecks.tcp()).withInterval(Duration.ofMillis(500)));
        for (int i = 0; i < 3; i++) {
            String name = "redis-" + i;
            int port = Server.freePort();
            servers.add(new Server(
                    name,
                    port,
                    directory,
                    List.of(redis, "--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", "")));
            builder.backend(Backend.builder("tcp://127.0.0.1:" + port).id(name).build());
        }
        pool = builder.build();
        jedis = jedis(PoolSocketFactory.of(pool));
        for (Server server : servers) {
            try (JedisPooled direct = new JedisPooled("127.0.0.1", server.port)) {
                direct.set("name", server.name);
            }
        }
    }

    private static JedisPooled jedis(PoolSocketFactory sockets) {
        JedisSocketFactory factory = () -> {
            try {
                Socket socket = sockets.createSocket("cache", 6379);
                socket.setSoTimeout(SO_TIMEOUT_MILLIS);
                socket.setTcpNoDelay(true);
                return socket;
            } catch (IOException e) {
                throw new JedisConnectionException(e);
            }
        };
        GenericObjectPoolConfig<Connection> connections = new GenericObjectPoolConfig<>();
        connections.setMaxTotal(9);
        connections.setMaxIdle(9);
        connections.setMaxWait(Duration.ofSeconds(5));
        return new JedisPooled(
                connections,
                factory,
                DefaultJedisClientConfig.builder()
                        .socketTimeoutMillis(SO_TIMEOUT_MILLIS)
                        .build());
    }

    @AfterEach
    void stop() throws IOException {
        if (jedis != null) {
            jedis.close();
        }
        if (pool != null) {
            pool.close();
        }
        for (Server server : servers) {
            server.close();
        }
    }

    @Test
    void serverKilledUnderLoad_costsItsOpenConnectionsAndNothingHangs() throws Exception {
        Server victim = servers.get(0);
        Callable<String> operation = () -> jedis.get("name");
        try (Load load = new Load(9, operation)) {
            // Nine connections that are opened at the same moment may all miss one server: then they are opened again.
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                boolean spread = servers.stream().allMatch(server -> load.answers(server.name) > 200);
                if (servers.stream().anyMatch(server -> load.answers(server.name) == 0)) {
                    jedis.getPool().clear();
                }
                return spread;
            });
            BackendStatus alive = pool.snapshot().backend(victim.name);
            int openAtVictim = alive.inFlight();
            victim.kill();
            long before = load.answers("redis-1") + load.answers("redis-2");

            await().until(() -> load.answers("redis-1") + load.answers("redis-2") > before + 2_000);
            assertThat(openAtVictim).as("spread over all three").isBetween(1, 7);
            // While it dies, its kernel may still accept connections, and reset them.
            BackendStatus dead = pool.snapshot().backend(victim.name);
            long acceptedWhileDying = dead.requests()
                    - alive.requests()
                    - (dead.count(Outcome.NEVER_SENT) - alive.count(Outcome.NEVER_SENT));
            assertThat((long) load.failures().size())
                    .as("each of its connections fails once")
                    .isLessThanOrEqualTo(openAtVictim + acceptedWhileDying);
            await().until(() -> pool.snapshot().backend(victim.name).inFlight() == 0);

            victim.start();
            try (JedisPooled direct = new JedisPooled("127.0.0.1", victim.port)) {
                direct.set("name", victim.name);
            }
            await().until(() -> pool.snapshot().backend(victim.name).isEligible());
            long atVictim = load.answers(victim.name);
            // Connections are kept: a new one goes where there are the fewest.
            jedis.getPool().clear();
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                jedis.getPool().clear();
                return load.answers(victim.name) > atVictim + 100;
            });
            System.out.printf(
                    "Redis: %d of 9 connections were at the killed server; failed operations: %d; longest: %d ms%n",
                    openAtVictim, load.failures().size(), load.longestMillis());
        }
        jedis.close();
        await().until(() -> pool.snapshot().inFlight() == 0);
    }
}
