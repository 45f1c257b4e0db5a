package dev.evenkeel.lb.core.internal.document.reader;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ReadContextTest {
    private final ReadContext reading = new ReadContext("test", name -> null, null);

    @Test
    void name_isRegisteredOncePerKindAndScope() {
        reading.register("backend id", "$.pools[0]", "a", "a", "$.pools[0].backends[0]");
        reading.register("backend id", "$.pools[1]", "a", "a", "$.pools[1].backends[0]");
        reading.register("pool name", "$.pools[0]", "a", "a", "$.pools[0]");
        assertThatThrownBy(() -> reading.register("backend id", "$.pools[0]", "a", "A", "$.pools[0].backends[1]"))
                .hasMessage("duplicate backend id \"A\"; the first is $.pools[0].backends[0]");
    }

    @Test
    void reference_toAnUnknownName_saysTheKnownOnes() {
        reading.register("pool", "", "users", "users", "$.pools[0]");
        reading.register("pool", "", "images", "images", "$.pools[1]");
        reading.refer("pool", "", "users");
        assertThatThrownBy(() -> reading.refer("pool", "", "Users"))
                .hasMessage("unknown pool \"Users\"; expected one of images, users");
    }
}
