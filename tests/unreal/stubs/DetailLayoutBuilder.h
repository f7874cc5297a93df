#pragma once

#include "CoreMinimal.h"

class IDetailCategoryBuilder;

class IDetailLayoutBuilder
{
public:
	virtual ~IDetailLayoutBuilder();
	virtual void GetObjectsBeingCustomized(TArray<TWeakObjectPtr<UObject>>& Objects) const = 0;
	virtual IDetailCategoryBuilder& EditCategory(FName Name, const FText& DisplayName) = 0;
	virtual void ForceRefreshDetails() = 0;
};
