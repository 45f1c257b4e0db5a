package dev.evenkeel.lb.okhttp.internal.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.kubernetes.EndpointSlice.Endpoint;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryJson;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The JSON of EndpointSlices. */
class EndpointSliceParserTest {
    private static final EndpointSliceParser PARSER = new EndpointSliceParser("", 0, "", "weight");
    private static final String ONE = "{'addresses': ['10.0.0.1']}";
    private static final String HTTP = "{'name': 'http', 'port': 80}";

    private static JsonNode json(String text) throws MalformedAnswerException {
        return RegistryJson.object(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode slice(String endpoints, String ports, String annotations) throws MalformedAnswerException {
        return json("{'metadata': {'name': 's', 'resourceVersion': '7', 'annotations': {" + annotations
                + "}}, 'addressType': 'IPv4', 'endpoints': [" + endpoints + "], 'ports': [" + ports + "]}");
    }

    private static EndpointSlice read(String endpoints) throws MalformedAnswerException {
        return PARSER.read(slice(endpoints, HTTP, ""), null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''      | 0    | ''  | {'port': 80}                                                    | http://10.0.0.1:80",
                "''      | 0    | ''  | {'name': 'x', 'port': 1},{'name': 'http', 'port': 2}            | http://10.0.0.1:2",
                "''      | 0    | ''  | {'name': 'https', 'port': 1},{'name': 'x', 'port': 2}           | https://10.0.0.1:1",
                "x       | 0    | ''  | {'name': 'x', 'port': 1},{'name': 'http', 'port': 2}            | http://10.0.0.1:1",
                "''      | 2    | ''  | {'name': 'x', 'port': 1},{'name': 'y', 'port': 2}               | http://10.0.0.1:2",
                "''      | 0    | ''  | {'name': 'x', 'port': 1, 'appProtocol': 'https'}                | https://10.0.0.1:1",
                "''      | 0    | ''  | {'name': 'https', 'port': 1, 'appProtocol': 'http'}             | http://10.0.0.1:1",
                "''      | 0    | tcp | {'name': 'https', 'port': 1}                                    | tcp://10.0.0.1:1",
                "''      | 0    | ''  | {'port': 53, 'protocol': 'UDP'},{'port': 80, 'protocol': 'TCP'} | http://10.0.0.1:80",
                "''      | 9000 | ''  | {'name': ''}                                                    | http://10.0.0.1:9000",
                "''      | 9000 | ''  | {'name': 'x'},{'name': 'y', 'port': 9000}                       | http://10.0.0.1:9000",
                "''      | 8080 | ''  | ''                                                              | http://10.0.0.1:8080",
                "''      | 8080 | tcp | ''                                                              | tcp://10.0.0.1:8080",
                "http    | 0    | ''  | {'name': 'http', 'port': 8080},{'name': 'metrics'}              | http://10.0.0.1:8080",
                "http    | 0    | ''  | {'name': 'http', 'port': 8080},{'name': 'x', 'port': 70000}     | http://10.0.0.1:8080",
                "http    | 0    | ''  | {'name': 'http', 'port': 8080},{'name': 'x', 'port': 'y'}       | http://10.0.0.1:8080",
                "dns     | 0    | udp | {'name': 'dns', 'port': 53, 'protocol': 'UDP'}                  | udp://10.0.0.1:53",
                "''      | 0    | udp | {'port': 80},{'port': 53, 'protocol': 'UDP'}                    | udp://10.0.0.1:53",
                "''      | 53   | udp | {'name': 'x', 'port': 53},{'port': 53, 'protocol': 'UDP'}       | udp://10.0.0.1:53",
            })
    void port_isChosen(String name, int number, String scheme, String ports, String uri) throws Exception {
        EndpointSlice slice = new EndpointSliceParser(name, number, scheme, "weight").read(slice(ONE, ports, ""), null);

        assertThat(slice.fault()).isEmpty();
        assertThat(slice.endpoints())
                .extracting(endpoint -> endpoint.backend().uri().toString())
                .containsExactly(uri);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'name': 'x', 'port': 1},{'name': 'y', 'port': 2} | the port cannot be told among [x:1, y:2]; choose one of them by portName(…) or port(…)",
                "{'name': 'dns', 'port': 53, 'protocol': 'UDP'}    | the port cannot be told among []; choose one of them by portName(…) or port(…)",
                "''                                                | the slice has no ports; choose one by port(…)",
            })
    void sliceThatNoLongerOffersThePort_losesItsEndpoints(String ports, String fault) throws Exception {
        EndpointSlice before = read(ONE);
        EndpointSlice after = PARSER.read(slice(ONE, ports, ""), before);

        assertThat(after.fault()).isEqualTo("slice s: " + fault);
        assertThat(after.endpoints()).isEmpty();
        assertThat(after.skipped()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'name': 'x', 'port': 70000} | port must be 1..65535: 70000",
                "{'name': 'x', 'port': 'y'}   | port must be a whole number",
                "{'name': 'x'}                | port \"x\" has no number, so it is any port; choose one by port(…)",
            })
    void chosenPortThatIsNone_spoilsTheSlice_andTheKnownEndpointsStay(String port, String fault) throws Exception {
        EndpointSlice before = read(ONE);
        EndpointSlice after = PARSER.read(slice(ONE, port, ""), before);

        assertThat(after.fault()).startsWith("slice s: " + fault);
        assertThat(after.endpoints()).isEqualTo(before.endpoints());
        assertThat(after.skipped()).isEqualTo(1);
    }

    @Test
    void portsThatAreNull_areNone() throws Exception {
        JsonNode slice =
                json("{'metadata': {'name': 's', 'resourceVersion': '7'}, 'addressType': 'IPv4', 'endpoints': [" + ONE
                        + "], 'ports': null}");

        assertThat(new EndpointSliceParser("", 8080, "", "weight")
                        .read(slice, null)
                        .endpoints())
                .extracting(endpoint -> endpoint.backend().id())
                .containsExactly("10.0.0.1:8080");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                | true  | true",
                "{'ready': false}                  | false | false",
                "{'ready': false, 'serving': true} | false | true",
                "{'ready': true}                   | true  | true",
            })
    void absentConditions_meanReady(String conditions, boolean ready, boolean serving) throws Exception {
        Endpoint endpoint = read("{'addresses': ['10.0.0.1'], 'conditions': " + conditions + "}")
                .endpoints()
                .get(0);

        assertThat(endpoint.ready()).isEqualTo(ready);
        assertThat(endpoint.serving()).isEqualTo(serving);
    }

    @Test
    void zoneNodePodHintsAndWeight_areRead() throws Exception {
        EndpointSlice slice = PARSER.read(
                slice(
                        "{'addresses': ['10.0.0.1'], 'zone': 'a', 'nodeName': 'n', 'targetRef': {'name': 'p', 'uid': 'u'},"
                                + " 'hints': {'forZones': [{'name': 'a'}, {'name': 'b'}]}}",
                        HTTP,
                        "'weight': '5'"),
                null);
        Endpoint endpoint = slice.endpoints().get(0);
        Backend backend = endpoint.backend();

        assertThat(slice.version()).isEqualTo("7");
        assertThat(backend.zone()).isEqualTo("a");
        assertThat(backend.weight()).isEqualTo(5);
        assertThat(backend.metadata())
                .containsEntry("k8s.node.name", "n")
                .containsEntry("k8s.pod.name", "p")
                .containsEntry("k8s.hints.zones", "a,b");
        assertThat(endpoint.uid()).isEqualTo("u");
        assertThat(endpoint.forZones()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void unchangedEndpoint_staysTheSameObject() throws Exception {
        EndpointSlice before = read(ONE);
        EndpointSlice after = PARSER.read(slice(ONE + ",{'addresses': ['10.0.0.2']}", HTTP, ""), before);

        assertThat(after.endpoints().get(0)).isSameAs(before.endpoints().get(0));
        assertThat(after.endpoints()).hasSize(2);
    }

    @Test
    void endpointThatCannotBeRead_isSkipped_andTheFirstFaultIsTold() throws Exception {
        EndpointSlice slice = read("{'addresses': []}," + ONE + ",{'addresses': 7}");

        assertThat(slice.endpoints()).hasSize(1);
        assertThat(slice.skipped()).isEqualTo(2);
        assertThat(slice.fault()).contains("of slice s: an instance must have an address");
    }

    @Test
    void sliceWithoutAName_isMalformed() {
        assertThatThrownBy(() -> PARSER.read(json("{'metadata': {'resourceVersion': '7'}}"), null))
                .isInstanceOf(MalformedAnswerException.class)
                .hasMessage("an object of Kubernetes must have metadata.name");
    }
}
