package dev.evenkeel.lb.spring;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.evenkeel.lb.BackendRegistry;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.admin.StatsPage;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.lang.Nullable;

/**
 * The actuator's endpoint {@code evenkeel}: what the stats page shows, as JSON, and its controls as write operations.
 * {@code management.endpoint.evenkeel.access=read-only} switches the controls off.
 *
 * <p>Thread-safe.
 */
@Endpoint(id = "evenkeel")
public class EvenkeelEndpoint {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final LiveConfig config;
    private final StatsPage page;

    /**
     * An endpoint over a configuration.
     *
     * @param config its pools are shown and controlled
     */
    public EvenkeelEndpoint(LiveConfig config) {
        this.config = config;
        this.page = StatsPage.of(config::pools);
    }

    /**
     * The pools' current state.
     *
     * @return the fields of {@link StatsPage#json}
     */
    @ReadOperation
    public Map<String, Object> pools() {
        try {
            return JSON.readValue(page.json(), new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Changes how a backend is used. A drain has begun when this returns, and is not waited for.
     *
     * @param pool the pool's name
     * @param backend the backend's id
     * @param action {@code drain}, {@code maintenance}, {@code activate} or {@code weight}
     * @param weight the new weight, from 1; only for {@code weight}
     * @return the backend's state after it; a 400 with the reason as {@code error} if there is no such pool, backend,
     *     action or weight
     */
    @WriteOperation
    public WebEndpointResponse<Map<String, Object>> control(
            String pool, String backend, String action, @Nullable Integer weight) {
        try {
            LoadBalancer chosen = config.pool(pool);
            apply(chosen.registry(), backend, action, weight);
            LOG.log(
                    System.Logger.Level.INFO,
                    "pool {0}: backend {1}: {2} by the actuator",
                    pool,
                    backend,
                    weight == null ? action : action + " " + weight);
            return new WebEndpointResponse<>(describe(chosen.snapshot().backend(backend)));
        } catch (IllegalArgumentException | IllegalStateException e) {
            // Spring Boot's own answer to an exception has no reason by default.
            return new WebEndpointResponse<>(
                    Map.of("error", String.valueOf(e.getMessage())), WebEndpointResponse.STATUS_BAD_REQUEST);
        }
    }

    private static void apply(BackendRegistry registry, String backend, String action, @Nullable Integer weight) {
        switch (action) {
            case "drain" -> registry.drain(backend);
            case "maintenance" -> registry.maintenance(backend);
            case "activate" -> registry.activate(backend);
            case "weight" -> {
                if (weight == null) {
                    throw new IllegalArgumentException("the action \"weight\" needs a \"weight\"");
                }
                registry.setWeight(backend, weight);
            }
            default ->
                throw new IllegalArgumentException(
                        "unknown action \"" + action + "\"; expected one of activate, drain, maintenance, weight");
        }
    }

    private static Map<String, Object> describe(BackendStatus status) {
        Map<String, Object> backend = new LinkedHashMap<>();
        backend.put("id", status.backend().id());
        backend.put("adminState", status.adminState().name());
        backend.put("weight", status.backend().weight());
        backend.put("explanation", status.explanation());
        backend.put("inFlight", status.inFlight());
        return backend;
    }
}
