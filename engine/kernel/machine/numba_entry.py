# SPDX-License-Identifier: Apache-2.0
"""How compiled code is entered: from C with one block of words, and from other compiled code by an address.

Both need nothing of numba or Python while they run, so that a process can call stored code without either.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.compiler_machinery import LoweringPass, register_pass
from numba.core.typing import signature
from numba.extending import lower_builtin, models, register_model
from numba.np.arrayobj import populate_array

from engine.kernel.machine.loader import ENTRY, FIRST_WORD, NATIVE, THROWN_WORD, VALUE_WORD
from engine.kernel.machine.numba_inner import Inner

CALL = "call of an address"
"""What numba looks up the lowering of such a call by."""

WORD = ir.IntType(64)


class Address(types.Callable):
    """A compiled function by its address alone. numba's own type of functions knows a way back into Python besides."""

    def __init__(self, called: Any) -> None:
        self.called = called
        super().__init__(name=f"Address({sha256(str(called).encode()).hexdigest()[:32]})")

    def get_call_type(self, context: Any, args: Any, kws: Any) -> Any:
        """The signature of a call, which is handed the address too."""
        return signature(self.called.return_type, *self.called.args, recvr=self)

    def get_call_signatures(self) -> tuple[list[Any], bool]:
        """All signatures of it."""
        return [self.called], False

    def get_impl_key(self, sig: Any) -> str:
        """By what numba finds `_call`."""
        return CALL


register_model(Address)(models.OpaqueModel)


@lower_builtin(CALL, Address, types.VarArg(types.Any))  # type: ignore[attr-defined]
def _call(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
    """As numba calls its own functions; an error goes on to the caller."""
    called = sig.args[0].called
    native = context.call_conv.get_function_type(called.return_type, called.args)
    address = builder.bitcast(arguments[0], native.as_pointer())
    status, value = context.call_conv.call_function(builder, address, called.return_type, called.args, arguments[1:])
    with cgutils.if_unlikely(builder, status.is_error):
        context.call_conv.return_status_propagate(builder, status)
    return value


@register_pass(mutates_CFG=True, analysis_only=False)
class _Enter(LoweringPass):
    """Adds the entry from C to the code, and gives both plain names."""

    _name = "enter_whole"

    def __init__(self) -> None:
        super().__init__()

    def run_pass(self, state: Any) -> bool:
        library, described, context = state.library, state.cr.fndesc, state.targetctx
        with context.push_code_library(library):
            library.add_ir_module(_entry(context, library, described, state.return_type, state.args))
        library.finalize()
        library.get_function(described.llvm_func_name).name = NATIVE
        return True


class Whole(Inner):
    """The pipeline of a part, and an entry from C around it: code to be stored, which nothing else is linked with."""

    def define_pipelines(self) -> list[Any]:
        """Numba asks each compiler for these."""
        (pipeline,) = super().define_pipelines()
        pipeline.add_pass_after(_Enter, Inner.LAST)
        pipeline.finalize()
        return [pipeline]


def _entry(context: Any, library: Any, described: Any, returned: Any, taken: Any) -> Any:
    """`i32 ENTRY(i64 *words)`: takes the arguments out of the words, puts value and exception into them."""
    module = library.create_ir_module(ENTRY)
    entry = ir.Function(module, ir.FunctionType(ir.IntType(32), [WORD.as_pointer()]), ENTRY)
    builder = ir.IRBuilder(entry.append_basic_block())
    words = _Words(context, builder, entry.args[0])
    arguments = [words.argument(one) for one in taken]
    native = context.declare_function(module, described)
    status, value = context.call_conv.call_function(builder, native, returned, taken, arguments)
    if returned == types.int64:
        builder.store(value, words.place(VALUE_WORD))
    builder.store(builder.ptrtoint(status.excinfoptr, WORD), words.place(THROWN_WORD))
    builder.ret(builder.select(status.is_ok, ir.Constant(ir.IntType(32), 0), status.code))
    return module


class _Words:
    """The block that `loader.Program` fills: a word a number, row or function, three a table."""

    def __init__(self, context: Any, builder: Any, block: Any) -> None:
        self.context, self.builder, self.block = context, builder, block
        self.next = FIRST_WORD

    def place(self, number: int) -> Any:
        """Where a word stands."""
        return self.builder.gep(self.block, [ir.Constant(WORD, number)])

    def argument(self, taken: Any) -> Any:
        """The next argument, as compiled code holds it."""
        if isinstance(taken, types.Array):
            made = self.context.make_array(taken)(self.context, self.builder)
            data, length, stride = self._pointer(made.data.type), self._word(), self._word()
            size = self.context.get_abi_sizeof(self.context.get_data_type(taken.dtype))
            itemsize = self.context.get_constant(types.intp, size)
            populate_array(made, data, [length], [stride], itemsize, None)
            return made._getvalue()  # noqa: SLF001  (numba's own way to read a struct back)
        if taken == types.int64:
            return self._word()
        return self._pointer(self.context.get_value_type(taken))

    def _word(self) -> Any:
        self.next += 1
        return self.builder.load(self.place(self.next - 1))

    def _pointer(self, kind: Any) -> Any:
        return self.builder.inttoptr(self._word(), kind)
