package io.wurstwerk.worker.contract;

import java.util.List;
import java.util.stream.Stream;

/** Every case over the worker's test repository. */
final class Contract {
    private Contract() {}

    static List<ContractCase> cases() {
        return Stream.of(
                        DescriptionCases.all(),
                        InferenceCases.all(),
                        RefusalCases.tensors(),
                        RefusalCases.requests(),
                        RefusalCases.services(),
                        StreamCases.all(),
                        CountingCases.all())
                .flatMap(List::stream)
                .toList();
    }
}
