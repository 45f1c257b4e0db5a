package dev.evenkeel.lb.core.load;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.AgentServer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whole pools that ask real agents over TCP, on the system's clock. */
@Timeout(60)
class AgentCheckPoolTest {
    private static final String A = "a";
    private static final String B = "b";

    private final AgentServer agentOfA = new AgentServer("ready up 100%\n");
    private final AgentServer agentOfB = new AgentServer("ready up 100%\n");

    private final LoadBalancer pool = LoadBalancers.builder("users")
            .backend(backend(A, agentOfA))
            .backend(backend(B, agentOfB))
            .strategy(Strategies.weightedRoundRobin())
            .loadReports(LoadReportPolicy.of(AgentCheck.onPort(1))
                    .withInterval(Duration.ofMillis(10))
                    .withTimeout(Duration.ofMillis(200)))
            .build();

    private static Backend backend(String id, AgentServer agent) {
        return Backend.builder("http://127.0.0.1:" + (id.equals(A) ? 81 : 82))
                .id(id)
                .weight(100)
                .metadata(AgentCheck.PORT_METADATA, Integer.toString(agent.port()))
                .build();
    }

    @AfterEach
    void close() throws IOException {
        pool.close();
        agentOfA.close();
        agentOfB.close();
    }

    /** Vector hap-agent: haproxy/haproxy reg-tests/checks/agent-check.vtc, its replies in its order. */
    @Test
    void haproxysOwnReplies_haveHaproxysEffects() {
        agentOfA.says("75%\n");
        await().untilAsserted(
                        () -> assertThat(status(pool, A).effectiveWeight()).isEqualTo(75));

        agentOfA.says("maxconn:30\n");
        await().untilAsserted(() -> {
            List<Lease> leases = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                PickResult pick = pool.acquire(RequestContext.NONE);
                leases.add((Lease) pick);
            }
            int most = status(pool, A).inFlight();
            leases.forEach(lease -> lease.complete(Outcome.SUCCESS));
            assertThat(most).isEqualTo(30);
        });

        agentOfA.says("maint\n");
        await().untilAsserted(() -> assertThat(status(pool, A).adminState()).isEqualTo(AdminState.MAINTENANCE));
        assertThat(call(pool, 20)).isEqualTo(Map.of(B, 20));

        agentOfA.says("ready down # by hand\n");
        await().untilAsserted(() -> assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN));
        await().untilAsserted(() ->
                assertThat(status(pool, A).explanation()).isEqualTo("down: its agent says down (by hand)"));
        assertThat(call(pool, 20)).isEqualTo(Map.of(B, 20));

        agentOfA.says("up\n");
        await().untilAsserted(() -> assertThat(call(pool, 35)).isEqualTo(Map.of(A, 15, B, 20)));
        assertThat(status(pool, A).adminState()).isEqualTo(AdminState.ACTIVE);
        assertThat(status(pool, A).effectiveWeight()).isEqualTo(75);
    }

    @Test
    void agentThatStops_orHangs_changesNothing() throws IOException {
        agentOfA.says("50%\n");
        await().untilAsserted(
                        () -> assertThat(status(pool, A).effectiveWeight()).isEqualTo(50));
        agentOfA.hangs();
        agentOfB.close();
        agentOfB.says("0%\n");
        await().during(Duration.ofMillis(300))
                .untilAsserted(() -> assertThat(call(pool, 30)).isEqualTo(Map.of(A, 10, B, 20)));
    }

    @Test
    void agentThatHangs_delaysNoOther() {
        agentOfA.hangs();
        for (int percent = 10; percent <= 50; percent += 10) {
            int expected = percent;
            agentOfB.says(percent + "%\n");
            await().untilAsserted(
                            () -> assertThat(status(pool, B).effectiveWeight()).isEqualTo(expected));
        }
    }
}
