package dev.evenkeel.lb.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

@Timeout(60)
class OkHttpRequestFactoryTest {
    private final Replica replica = Replica.start("a");
    private final Replica dead = Replica.start("dead");
    private final LoadBalancer users =
            LoadBalancers.builder("users").backends(replica.uri(), dead.uri()).build();
    private final OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), users);
    private final OkHttpRequestFactory factory = new OkHttpRequestFactory(client);

    private OkHttpRequestFactoryTest() {
        dead.close();
    }

    @AfterEach
    void close() {
        users.close();
        replica.close();
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }

    private RestClient restClient() {
        return RestClient.builder()
                .requestFactory(factory)
                .baseUrl("http://users")
                .build();
    }

    @Test
    void response_hasStatusHeadersAndBody() {
        ResponseEntity<String> response =
                restClient().get().uri("/x?y={y}", " z").retrieve().toEntity(String.class);

        assertThat(response.getStatusCode().value()).isEqualTo(200);
        assertThat(response.getHeaders().getFirst("X-Replica")).isEqualTo("a");
        assertThat(response.getBody()).isEqualTo("a GET /x?y=%20z");
    }

    @Test
    void status404_isSpringsException() {
        assertThatThrownBy(() -> restClient().get().uri("/missing").retrieve().toBodilessEntity())
                .isInstanceOf(HttpClientErrorException.NotFound.class);
    }

    @Test
    void bodies_areSent() {
        assertThat(restClient()
                        .post()
                        .uri("/x")
                        .contentType(MediaType.TEXT_PLAIN)
                        .body("text")
                        .retrieve()
                        .body(String.class))
                .isEqualTo("a POST /x text");
        assertThat(restClient()
                        .put()
                        .uri("/x")
                        .body(new ByteArrayResource("resource".getBytes(StandardCharsets.UTF_8)))
                        .retrieve()
                        .body(String.class))
                .isEqualTo("a PUT /x resource");
        assertThat(restClient()
                        .put()
                        .uri("/x")
                        .body(new InputStreamResource(
                                new ByteArrayInputStream("stream".getBytes(StandardCharsets.UTF_8))))
                        .retrieve()
                        .body(String.class))
                .isEqualTo("a PUT /x stream");
        assertThat(restClient().patch().uri("/x").retrieve().body(String.class)).isEqualTo("a PATCH /x");
        assertThat(restClient()
                        .method(HttpMethod.DELETE)
                        .uri("/x")
                        .body("why")
                        .retrieve()
                        .body(String.class))
                .isEqualTo("a DELETE /x why");
    }

    /** One of the two is dead: a POST that was never sent goes to the other, with its body. */
    @Test
    void refusedConnection_isTriedElsewhere() {
        for (int i = 0; i < 6; i++) {
            assertThat(restClient().post().uri("/x").body("text").retrieve().body(String.class))
                    .isEqualTo("a POST /x text");
        }
    }

    @Test
    void restTemplate_isBalanced() {
        assertThat(new RestTemplate(factory).getForObject("http://users/x", String.class))
                .isEqualTo("a GET /x");
    }

    interface Users {
        @GetExchange("/user")
        String user();

        @PostExchange("/user")
        String add(@org.springframework.web.bind.annotation.RequestBody String user);
    }

    @Test
    void httpInterface_isBalanced() {
        Users proxy = HttpServiceProxyFactory.builderFor(RestClientAdapter.create(restClient()))
                .build()
                .createClient(Users.class);

        assertThat(List.of(proxy.user(), proxy.add("x"))).containsExactly("a GET /user", "a POST /user x");
    }

    @Test
    void poolWithoutABackend_isSpringsAccessException() {
        users.registry().replaceAll(List.of());

        assertThatThrownBy(() -> restClient().get().uri("/").retrieve().toBodilessEntity())
                .isInstanceOf(ResourceAccessException.class)
                .hasCauseInstanceOf(NoBackendAvailableException.class);
    }

    @Test
    void hostWithoutAPool_passesUntouched() {
        assertThat(restClient().get().uri(replica.uri() + "/direct").retrieve().body(String.class))
                .isEqualTo("a GET /direct");
    }
}
