package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActRequestTest {
  @Test
  void isReadBack() {
    ActRequest request =
        new ActRequest(
            ActRequest.Kind.DROP, "out", List.of("1", "2"), "k", true, "+1", true, true, "r", "w");
    assertThat(ActRequest.parse(request.json())).isEqualTo(request);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'act':'drop','previw':true}          | there is no field 'previw'",
        "{'act':'drop','preview':'true'}       | 'preview' is neither true nor false",
        "{'act':'drop','key':true}             | 'key' is no string",
        "{'act':'drop','key':null}             | 'key' is no string",
        "{'act':'drop','ids':'1'}              | 'ids' is no array",
        "{'act':'drop','ids':['1',2]}          | 'ids' is no string",
        "{'act':'drop','ids':['1',['2']]}      | 'ids' is no string",
        "{'act':'drop','keys':['1']}           | there is no field 'keys'",
        "{'act':'drop'} {'preview':true}       | something follows the JSON object",
        "{'act':'drop'} x                      | not JSON, or with a field twice",
        "{'act':'drop','key':'a','key':'b'}    | not JSON, or with a field twice",
        "{'act':'drop','ids':['1'              | not JSON, or with a field twice",
        "[]                                    | not a JSON object"
      })
  void whatIsNotUnderstoodIsRefused(String json, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ActRequest.parse(json.replace('\'', '"')))
        .withMessage(why);
  }
}
