package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StatsHandlerTest {
    private static final Pattern TOKEN = Pattern.compile("name=\"token\" value=\"([^\"]+)\"");

    private HttpServer server;
    private LoadBalancer users;
    private String host;

    @BeforeEach
    void start() throws IOException {
        users = LoadBalancers.builder("users")
                .backend(Backend.builder("http://10.0.0.1:8080").id("one").build())
                .backend(Backend.builder("http://10.0.0.2:8080")
                        .id("<script>alert('two')</script>")
                        .build())
                .build();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/look", StatsHandler.of(StatsPage.of(users)));
        server.createContext(
                "/control",
                StatsHandler.builder(StatsPage.of(users))
                        .controls(exchange ->
                                !"nobody".equals(exchange.getRequestHeaders().getFirst("X-User")))
                        .build());
        server.start();
        host = "localhost:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        users.close();
    }

    /** Raw, since no client sends a Host of another's. */
    private String send(String method, String path, String asHost, String headers, String body) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), server.getAddress().getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write((method + " " + path + " HTTP/1.1\r\nHost: " + asHost + "\r\nConnection: close\r\n" + headers
                            + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                    .getBytes(StandardCharsets.UTF_8));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String get(String path) throws IOException {
        return send("GET", path, host, "", "");
    }

    private String post(String headers, String fields) throws IOException {
        return send("POST", "/control", host, headers, fields);
    }

    private String token() throws IOException {
        Matcher matcher = TOKEN.matcher(get("/control"));
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    private AdminState adminState() {
        return users.snapshot().backend("one").adminState();
    }

    @Test
    void page_showsPoolsAndEscapesWhatOthersHaveNamed() throws IOException {
        String page = get("/look");

        assertThat(page)
                .startsWith("HTTP/1.1 200")
                .contains("<h2 id=\"p0-name\">users</h2>")
                .contains("adaptive · 2 of 2 backends in use · 0 calls in flight")
                .contains("&lt;script&gt;alert(&#39;two&#39;)&lt;/script&gt;")
                .doesNotContain("<script>alert")
                .containsPattern("Content-(S|s)ecurity-(P|p)olicy: default-src 'none'; style-src 'nonce-")
                .doesNotContain("<form")
                .doesNotContain("http://www")
                .doesNotContain("https://");
    }

    @Test
    void json_hasTheFigures() throws IOException {
        Lease lease = (Lease) users.acquire(RequestContext.NONE);
        Lease ended = (Lease) users.acquire(RequestContext.NONE);
        ended.complete(Outcome.SERVER_ERROR);
        users.registry().maintenance(lease.backend().id());

        assertThat(get("/look?format=csv"))
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("Content-Type: text/csv; charset=utf-8")
                .contains("\r\n\r\npool,id,uri,", "\r\nusers,");
        String answer = get("/look?format=json");
        JsonNode pool = new ObjectMapper()
                .readTree(answer.substring(answer.indexOf("\r\n\r\n")))
                .path("pools")
                .path(0);

        assertThat(pool.path("name").asText()).isEqualTo("users");
        assertThat(pool.path("summary").asText()).isEqualTo("adaptive · 1 of 2 backends in use · 1 call in flight");
        for (JsonNode backend : pool.path("backends")) {
            boolean held = backend.path("id").asText().equals(lease.backend().id());
            assertThat(backend.path("inFlight").asInt()).isEqualTo(held ? 1 : 0);
            assertThat(backend.path("state").asText()).isEqualTo(held ? "in maintenance" : "in use");
            assertThat(backend.path("failures").asInt()).isEqualTo(held ? 0 : 1);
        }
        lease.complete(Outcome.SUCCESS);
    }

    @Test
    void hostOfAnother_isRefused() throws IOException {
        assertThat(send("GET", "/look", "evil.example", "", "")).startsWith("HTTP/1.1 403");
        assertThat(send("GET", "/look", "127.0.0.1:1", "", "")).startsWith("HTTP/1.1 200");
        assertThat(send("GET", "/look", "[::1]:1", "", "")).startsWith("HTTP/1.1 200");
        server.createContext(
                "/named",
                StatsHandler.builder(StatsPage.of(users)).hosts("Lb.Internal").build());
        assertThat(send("GET", "/named", "lb.internal:80", "", "")).startsWith("HTTP/1.1 200");
        assertThat(send("GET", "/named", "evil.example", "", ""))
                .endsWith("by the name localhost, or for clients that ask for it as lb.internal\n");
    }

    @Test
    void controls_areOffByDefault() throws IOException {
        assertThat(send("POST", "/look", host, "", "pool=users&backend=one&action=drain"))
                .startsWith("HTTP/1.1 403");
        assertThat(adminState()).isEqualTo(AdminState.ACTIVE);
    }

    @Test
    void controls_changeThePool() throws IOException {
        String form = "token=" + token() + "&pool=users&backend=one&action=";

        assertThat(post("", form + "maintenance")).startsWith("HTTP/1.1 303").contains("Location: /control");
        assertThat(adminState()).isEqualTo(AdminState.MAINTENANCE);
        assertThat(post("Origin: http://" + host + "\r\nSec-Fetch-Site: same-origin\r\n", form + "activate"))
                .startsWith("HTTP/1.1 303");
        assertThat(adminState()).isEqualTo(AdminState.ACTIVE);
        assertThat(post("", form + "weight&weight=7")).startsWith("HTTP/1.1 303");
        assertThat(users.snapshot().backend("one").backend().weight()).isEqualTo(7);
        assertThat(post("", form + "drain")).startsWith("HTTP/1.1 303");
        assertThat(adminState()).isEqualTo(AdminState.DRAINING);
    }

    @Test
    void formsOfOthers_areRefused() throws IOException {
        String fields = "&pool=users&backend=one&action=maintenance";
        String form = "token=" + token() + fields;

        assertThat(post("", "token=guess" + fields)).startsWith("HTTP/1.1 403");
        assertThat(post("", fields.substring(1))).startsWith("HTTP/1.1 403");
        assertThat(post("Origin: http://evil.example\r\n", form)).startsWith("HTTP/1.1 403");
        assertThat(post("Origin: null\r\n", form)).startsWith("HTTP/1.1 403");
        assertThat(post("Sec-Fetch-Site: cross-site\r\n", form)).startsWith("HTTP/1.1 403");
        assertThat(post("X-User: nobody\r\n", form)).startsWith("HTTP/1.1 403");
        assertThat(post("", form + "&x=" + "y".repeat(5_000))).startsWith("HTTP/1.1 413");
        assertThat(adminState()).isEqualTo(AdminState.ACTIVE);
    }

    @Test
    void formsThatMakeNoSense_sayWhy() throws IOException {
        String form = "token=" + token();

        assertThat(post("", form)).startsWith("HTTP/1.1 400").endsWith("the form has no \"pool\"\n");
        assertThat(post("", form + "&pool=users&backend=three&action=drain"))
                .startsWith("HTTP/1.1 400")
                .contains("has no backend \"three\"");
        assertThat(post("", form + "&pool=users&backend=one&action=kill"))
                .contains("unknown action \"kill\"; expected one of activate, drain, maintenance, weight");
        assertThat(post("", form + "&pool=users&backend=one&action=weight&weight=0"))
                .contains("weight must be 1..65535: 0");
        assertThat(post("", form + "&pool=users&backend=one&action=weight&weight=%zz"))
                .startsWith("HTTP/1.1 400");
        assertThat(send("PUT", "/look", host, "", "")).startsWith("HTTP/1.1 405");
        assertThat(send("HEAD", "/look", host, "", ""))
                .startsWith("HTTP/1.1 200")
                .doesNotContain("<html");
    }
}
