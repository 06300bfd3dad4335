"""The messages of Terraform's plugin protocol, version 6, as far as a provider needs them.

Field numbers are those of tfplugin6.proto in Terraform's repository. Fields that are left out here are skipped on the wire.
"""

from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

_PACKAGE = "offline"
_SCALARS = {
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "int64": FieldDescriptorProto.TYPE_INT64,
    "string": FieldDescriptorProto.TYPE_STRING,
}

_MESSAGES = """
Nothing
DynamicValue    msgpack:bytes=1  json:bytes=2
Diagnostic      severity:int32=1  summary:string=2  detail:string=3
RawState        json:bytes=1

Attribute       name:string=1  type:bytes=2  required:bool=4  optional:bool=5  computed:bool=6  write_only:bool=11
NestedBlock     type_name:string=1  block:Block=2  nesting:int32=3  min_items:int64=4  max_items:int64=5
Block           attributes:Attribute*=2  block_types:NestedBlock*=3
Schema          version:int64=1  block:Block=2
NamedSchema     key:string=1  value:Schema=2
Schemas         provider:Schema=1  resource_schemas:NamedSchema*=2  data_source_schemas:NamedSchema*=3

ProviderConfig  config:DynamicValue=1
Configure       config:DynamicValue=2
TypedConfig     type_name:string=1  config:DynamicValue=2
Checked         diagnostics:Diagnostic*=1
CheckedProvider diagnostics:Diagnostic*=2
Upgrade         type_name:string=1  raw_state:RawState=3
Upgraded        state:DynamicValue=1
Read            type_name:string=1  current_state:DynamicValue=2
ReadAnswer      new_state:DynamicValue=1
Plan            type_name:string=1  proposed_new_state:DynamicValue=3
Planned         planned_state:DynamicValue=1  legacy_type_system:bool=5
Apply           type_name:string=1  planned_state:DynamicValue=3
Applied         new_state:DynamicValue=1  legacy_type_system:bool=4
DataAnswer      state:DynamicValue=1  diagnostics:Diagnostic*=2
"""

METHODS = {
    "GetProviderSchema": ("Nothing", "Schemas"),
    "ValidateProviderConfig": ("ProviderConfig", "CheckedProvider"),
    "ValidateResourceConfig": ("TypedConfig", "Checked"),
    "ValidateDataResourceConfig": ("TypedConfig", "Checked"),
    "ConfigureProvider": ("Configure", "Checked"),
    "UpgradeResourceState": ("Upgrade", "Upgraded"),
    "ReadResource": ("Read", "ReadAnswer"),
    "PlanResourceChange": ("Plan", "Planned"),
    "ApplyResourceChange": ("Apply", "Applied"),
    "ReadDataSource": ("TypedConfig", "DataAnswer"),
    "StopProvider": ("Nothing", "Nothing"),
}
"""Each method's request and answer."""


def _message_classes() -> dict[str, Any]:
    file = FileDescriptorProto(name="offline_tfplugin6.proto", package=_PACKAGE, syntax="proto3")
    for line in _MESSAGES.split("\n"):
        if line:
            _describe(file, *line.split())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    described = (pool.FindMessageTypeByName(f"{_PACKAGE}.{each.name}") for each in file.message_type)
    return {each.name: message_factory.GetMessageClass(each) for each in described}


def _describe(file: FileDescriptorProto, name: str, *fields: str) -> None:
    message = file.message_type.add(name=name)
    for written in fields:
        field, _, rest = written.partition(":")
        kind, _, number = rest.partition("=")
        repeated, kind = kind.endswith("*"), kind.rstrip("*")
        added = message.field.add(name=field, number=int(number), label=3 if repeated else 1)
        if kind in _SCALARS:
            added.type = _SCALARS[kind]
        else:
            added.type, added.type_name = FieldDescriptorProto.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"


MESSAGES: dict[str, Any] = _message_classes()
